"""The ICAT protocol stub, as the real client sees it: objects, queries, sessions, rules."""

from __future__ import annotations

import datetime
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.icat.stub import facts
from tests.icat.stub.server import ProtocolStub

icat = pytest.importorskip("icat")

PASSWORDS = {"simple/root": "secret", "db/jdoe": "password"}
ROOT = {"username": "root", "password": "secret"}


@pytest.fixture
def client(stub: ProtocolStub, shared_client: Any) -> Iterator[Any]:
    """The client, logged in to an empty stub."""
    stub.store.clear()
    shared_client.login("simple", ROOT)
    yield shared_client
    shared_client.logout()


@pytest.fixture
def facility(client: Any) -> Any:
    """A facility."""
    made = client.new("Facility", name="HZB")
    made.create()
    return made


@pytest.fixture
def dataset(client: Any, facility: Any) -> Any:
    """A dataset with two files, and all it needs."""
    kind = client.new("InvestigationType", name="E", facility=facility)
    kind.create()
    investigation = client.new(
        "Investigation", name="241-001", visitId="1", title="t", facility=facility, type=kind
    )
    investigation.create()
    raw = client.new("DatasetType", name="raw", facility=facility)
    raw.create()
    made = client.new("Dataset", name="scan", investigation=investigation, type=raw)
    for name, size in (("b.nxs", 20), ("a.nxs", 10)):
        made.datafiles.append(client.new("Datafile", name=name, fileSize=size))
    made.create()
    return made


@pytest.mark.parametrize("version", ["4.4", "4.7", "4.10", "5.0", "6.2"])
def test_client_learns_the_entities_of_each_version(
    protocol_stub: Callable[..., ProtocolStub], version: str
) -> None:
    stub = protocol_stub(version)
    client = icat.Client(stub.url)
    known = {c.BeanName for c in client.typemap.values() if c.BeanName}
    assert str(client.apiversion) == f"{version}.0"
    assert known == set(stub.service.model.entities)
    assert client.typemap["dataset"].Constraint == ("investigation", "name")


def test_tables_of_facts_name_what_the_schema_has(stub: ProtocolStub) -> None:
    entities = stub.service.model.entities
    tables = (
        facts.LENGTHS, facts.REQUIRED_ATTRIBUTES, facts.NULLABLE_ATTRIBUTES, facts.DEFAULTS,
        facts.NULLABLE_RELATIONS, facts.INVERSES, facts.REFERRED,
    )  # fmt: skip
    named = {tuple(key.split(".")) for table in tables for key in table}
    named |= {(entity, field) for entity, key in facts.UNIQUE.items() for field in key}
    assert {(e, f) for e, f in named if f not in entities[e].fields} == set()


def test_object_comes_back_as_it_was_sent(client: Any) -> None:
    client.new("Facility", name="HZB", fullName="Größe < 1 & 'mehr'", daysUntilRelease=3).create()
    (facility,) = client.search("SELECT o FROM Facility o")
    assert (facility.fullName, facility.daysUntilRelease) == ("Größe < 1 & 'mehr'", 3)
    assert (facility.createId, facility.modId) == ("simple/root", "simple/root")


def test_time_without_a_zone_is_in_that_of_the_service(client: Any, facility: Any) -> None:
    client.new("FacilityCycle", name="1", facility=facility, startDate="2024-01-02").create()
    start = client.search("SELECT o.startDate FROM FacilityCycle o")[0]
    assert start == datetime.datetime(2024, 1, 1, 23, tzinfo=datetime.timezone.utc)


def test_objects_below_another_are_created_with_it(client: Any, dataset: Any) -> None:
    found = client.search("SELECT o.name FROM Datafile o ORDER BY o.name")
    assert found == ["a.nxs", "b.nxs"]


def test_second_object_with_the_same_key_exists(client: Any, facility: Any) -> None:
    with pytest.raises(icat.ICATObjectExistsError, match=r"^Facility name = HZB exists$"):
        client.new("Facility", name="HZB").create()


def test_missing_value_is_refused(client: Any, facility: Any) -> None:
    unnamed = client.new("DatasetType", facility=facility)
    with pytest.raises(icat.ICATValidationError, match=r"^DatasetType\.name has no value"):
        unnamed.create()


def test_missing_relation_is_refused(client: Any) -> None:
    with pytest.raises(icat.ICATValidationError, match=r"^DatasetType\.facility has no value"):
        client.new("DatasetType", name="raw").create()


@pytest.mark.parametrize(
    ("entity", "attribute", "length"),
    [("Facility", "fullName", 255), ("Facility", "description", 1023), ("Study", "name", 255)],
)
def test_text_may_have_its_length_and_no_more(
    client: Any, entity: str, attribute: str, length: int
) -> None:
    made = client.new(entity, **{"name": "n", attribute: "x" * length})
    made.create()
    setattr(made, attribute, "x" * (length + 1))
    with pytest.raises(icat.ICATValidationError, match=f"{length + 1} characters, {length} fit"):
        made.update()


def test_word_outside_an_enumeration_is_refused(client: Any, facility: Any) -> None:
    kind = client.new("ParameterType", name="T", units="K", valueType="COLOUR", facility=facility)
    with pytest.raises(icat.ICATValidationError, match="'COLOUR', which is not one of"):
        kind.create()


def test_failing_object_of_many_is_told_and_none_is_kept(client: Any, dataset: Any) -> None:
    nowhere = client.new("Dataset", id=-11)
    files = [
        client.new("Datafile", name="c.nxs", dataset=dataset),
        client.new("Datafile", name="d.nxs", dataset=nowhere),
    ]
    with pytest.raises(icat.ICATInternalError, match="no Dataset has id -11") as caught:
        client.createMany(files)
    assert caught.value.offset == 1
    assert client.search("SELECT COUNT(o) FROM Datafile o") == [2]


def test_object_with_a_bad_child_is_not_created(client: Any, facility: Any) -> None:
    group = client.new("Grouping", name="g")
    group.userGroups.append(client.new("UserGroup"))
    with pytest.raises(icat.ICATValidationError):
        group.create()
    assert client.search("Grouping") == []


def test_enforced_limits_of_a_parameter_hold(client: Any, facility: Any, dataset: Any) -> None:
    kind = client.new(
        "ParameterType", name="T", units="K", valueType="NUMERIC", facility=facility,
        applicableToDataset=True, enforced=True, minimumNumericValue=0.0,
    )  # fmt: skip
    kind.create()
    cold = client.new("DatasetParameter", type=kind, dataset=dataset, numericValue=-1.0)
    with pytest.raises(icat.ICATValidationError, match=r"^-1\.0 of T is not from 0\.0 to None$"):
        cold.create()


def test_update_replaces_attributes_and_frees_the_key(client: Any, facility: Any) -> None:
    facility.name = "BESSY"
    facility.update()
    client.new("Facility", name="HZB").create()
    assert client.search("SELECT o.name FROM Facility o ORDER BY o.id") == ["BESSY", "HZB"]


def test_deleting_an_object_deletes_what_refers_to_it(client: Any, dataset: Any) -> None:
    client.delete(client.search("Investigation")[0])
    assert client.search("SELECT COUNT(o) FROM Datafile o") == [0]
    assert client.search("SELECT COUNT(o) FROM DatasetType o") == [1]


def test_unknown_id_is_no_object(client: Any) -> None:
    with pytest.raises(icat.ICATNoObjectError, match=r"^there is no Facility with id 7777$"):
        client.get("Facility", 7777)


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("o.name = 'a.nxs'", ["a.nxs"]),
        ("o.name <> 'a.nxs'", ["b.nxs"]),
        ("NOT (o.name = 'a.nxs' OR o.fileSize = 7)", ["b.nxs"]),
        ("o.name LIKE 'A%' OR UPPER(o.name) LIKE 'B_NXS'", ["b.nxs"]),
        ("o.fileSize BETWEEN 10 AND 19.5", ["a.nxs"]),
        ("o.fileSize IN (20, 30)", ["b.nxs"]),
        ("o.fileSize NOT IN (20, 30)", ["a.nxs"]),
        ("o.fileSize >= 10 AND o.fileSize < 20", ["a.nxs"]),
        ("o.location IS NULL AND o.name IS NOT NULL", ["a.nxs", "b.nxs"]),
        ("o.location = 'x' OR o.location <> 'x'", []),
        ("o.parameters IS EMPTY", ["a.nxs", "b.nxs"]),
        ("o MEMBER OF d.datafiles AND d.complete = False", ["a.nxs", "b.nxs"]),
        ("o.dataset.investigation.name = '241-001' AND LENGTH(o.name) > 5", []),
        ("o.createTime <= CURRENT_TIMESTAMP", ["a.nxs", "b.nxs"]),
        ("o.createTime < {ts 2001-01-01 00:00:00}", []),
        ("o.createId = :user", ["a.nxs", "b.nxs"]),
    ],
)
def test_condition_finds(client: Any, dataset: Any, condition: str, names: list[str]) -> None:
    query = "SELECT o.name FROM Datafile o JOIN o.dataset AS d WHERE {} ORDER BY o.name"
    assert client.search(query.format(condition)) == names


@pytest.mark.parametrize(
    ("query", "result"),
    [
        ("SELECT COUNT(o) FROM Datafile o", [2]),
        ("SELECT SUM(o.fileSize) FROM Datafile o", [30]),
        ("SELECT AVG(o.fileSize) FROM Datafile o", [15.0]),
        ("SELECT MAX(o.name) FROM Datafile o", ["b.nxs"]),
        ("SELECT COUNT(DISTINCT(o.dataset.name)) FROM Datafile o", [1]),
        ("SELECT DISTINCT d.name FROM Datafile o JOIN o.dataset d", ["scan"]),
        ("SELECT o.name, o.fileSize FROM Datafile o WHERE o.fileSize = 10", [("a.nxs", 10)]),
        ("SELECT o.name FROM Datafile o ORDER BY o.name DESC LIMIT 1, 1", ["a.nxs"]),
        ("SELECT d.name FROM Dataset d JOIN d.sample s", []),
        ("SELECT d.name FROM Dataset d LEFT OUTER JOIN d.sample AS s", ["scan"]),
        ("Datafile.name [fileSize > 10] <-> Dataset <-> Investigation [visitId = '1']", ["b.nxs"]),
        ("1, 5 Datafile.name ORDER BY name", ["b.nxs"]),
        ("COUNT (Datafile) <-> Dataset [name = 'scan']", [2]),
    ],
)  # fmt: skip
def test_query_returns(client: Any, dataset: Any, query: str, result: list[Any]) -> None:
    assert client.search(query) == result


@pytest.mark.parametrize(
    ("query", "files", "of"),
    [
        ("SELECT o FROM Dataset o", 0, None),
        ("SELECT o FROM Dataset o INCLUDE 1", 0, "241-001"),
        ("SELECT o FROM Dataset o INCLUDE o.datafiles AS f, o.investigation", 2, "241-001"),
        ("Dataset INCLUDE Datafile", 2, None),
    ],
)
def test_related_objects_come_along_where_included(
    client: Any, dataset: Any, query: str, files: int, of: str | None
) -> None:
    (found,) = client.search(query)
    assert len(found.datafiles) == files
    assert (found.investigation and found.investigation.name) == of


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT o FROM Nothing o", "there is no entity Nothing"),
        ("SELECT o FROM Dataset o WHERE o.colour = 1", "Dataset has no colour"),
        ("SELECT o.name.length FROM Dataset o", "name is no relation"),
        ("SELECT x FROM Dataset o", "the query has no variable x"),
        ("SELECT o FROM Dataset o WHERE o.name", "the query has the end instead of a comparison"),
        ("SELECT o FROM Dataset o; DROP", "the query cannot be read from '; DROP'"),
        ("Nothing", "there is no entity Nothing"),
        ("Dataset <-> User", "User is related to nothing before it"),
    ],
)
def test_query_that_makes_no_sense_is_refused(client: Any, query: str, message: str) -> None:
    with pytest.raises(icat.ICATParameterError) as caught:
        client.search(query)
    assert caught.value.message == message


def test_wrong_password_opens_no_session(shared_client: Any) -> None:
    with pytest.raises(icat.ICATSessionError, match="do not match"):
        shared_client.login("simple", {"username": "root", "password": "guess"})


def test_session_ends_with_logout(client: Any) -> None:
    session = client.sessionId
    client.logout()
    client.sessionId = session
    with pytest.raises(icat.ICATSessionError, match=r"^there is no session"):
        client.getUserName()


def test_writes_are_counted_and_reads_are_not(client: Any, stub: ProtocolStub) -> None:
    before = stub.writes
    client.search("Facility")
    facility = client.new("Facility", name="HZB")
    facility.create()
    facility.update()
    client.delete(facility)
    assert stub.writes - before == 3


def test_rules_tell_what_others_see(protocol_stub: Callable[..., ProtocolStub]) -> None:
    stub = protocol_stub("6.2", users=PASSWORDS, roots=frozenset({"simple/root"}))
    root = icat.Client(stub.url)
    root.login("simple", ROOT)
    for name in ("HZB", "ESRF"):
        root.new("Facility", name=name).create()
    root.createRules("R", ["SELECT o FROM Facility o WHERE o.name = 'HZB'"])
    other = root.clone()
    other.login("db", {"username": "jdoe", "password": "password"})
    assert other.search("SELECT o.name FROM Facility o") == ["HZB"]
    with pytest.raises(icat.ICATPrivilegesError, match=r"^db/jdoe has no rule that grants C"):
        other.new("Facility", name="DESY").create()
    assert len(root.search("Facility")) == 2
    for client in (root, other):
        client.logout()


def test_message_with_a_document_type_is_refused(stub: ProtocolStub) -> None:
    body = b'<!DOCTYPE x [<!ENTITY y "z">]><x>&y;</x>'
    request = urllib.request.Request(stub.url, body)  # noqa: S310 - of the stub
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)  # noqa: S310
    with caught.value as reply:
        assert b"the message has a document type" in reply.read()
