"""Filters tried on data: samples, trials, ranking, reports."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from nxtool.bench.ranking import Advice, advise, ranked
from nxtool.bench.run import CANDIDATES, run
from nxtool.bench.sample import take_sample
from nxtool.bench.trial import Speed, Trial, try_filter
from nxtool.cli import main
from nxtool.demo import write_tiff
from nxtool.errors import RecipeError, SourceError
from nxtool.recipe.setting import with_default
from nxtool.report.bench import bench_json, bench_lines
from nxtool.storage.spec import parse_filter
from nxtool.webpage.benchpage import bench_page

FRAMES = np.random.default_rng(1).poisson(0.3, (40, 64, 96)).astype("u2")


@pytest.fixture
def data(tmp_path: Path) -> str:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["small"] = np.arange(2000.0)
        file["large"] = FRAMES
        file["text"] = ["a"] * 5000
    return str(tmp_path / "a.h5")


# samples


def test_of_an_image_its_pixels_are_taken_and_not_what_its_head_says(tmp_path):
    for number in range(2):
        write_tiff(tmp_path / f"f_{number}.tif", FRAMES[number])
    sample = take_sample(str(tmp_path / "f_*.tif"))
    assert (sample.name, sample.shape) == (str(tmp_path / "f_*.tif"), (2, 64, 96))


def test_the_largest_array_of_numbers_is_taken(data):
    sample = take_sample(data)
    assert (sample.name, sample.shape) == (f"{data}::/large", (40, 64, 96))


def test_the_whole_is_taken_where_it_is_small(data):
    sample = take_sample(f"{data}::/large")
    rows = np.concatenate(sample.chunks)
    assert np.array_equal(rows, FRAMES)


def test_a_sample_of_more_comes_from_beginning_middle_and_end(data, tmp_path):
    rows = np.repeat(np.arange(300, dtype="u2"), 1 << 15).reshape(300, 128, 256)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["x"] = rows
    sample = take_sample(str(tmp_path / "b.h5"), largest=1 << 20)
    numbers = sorted({int(value) for chunk in sample.chunks for value in np.unique(chunk)})
    assert sample.taken <= 1 << 20
    assert (numbers[0], numbers[-1]) == (0, 299)
    assert 140 < numbers[len(numbers) // 2] < 160


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("::/text", "holds object, not numbers (name another array)"),
        ("::/nothing", "no dataset '/nothing'"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(data, selector, message):
    with pytest.raises(SourceError) as caught:
        take_sample(data + selector)
    assert message in str(caught.value)


def test_a_file_without_numbers_is_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["text"] = ["a"] * 5000
    with pytest.raises(SourceError) as caught:
        take_sample(str(tmp_path / "a.h5"))
    message = f"{tmp_path}/a.h5: holds no array of numbers (name one: FILE::/path)"
    assert str(caught.value) == message


# trials


@pytest.mark.parametrize("word", CANDIDATES)
def test_every_candidate_keeps_every_bit_or_says_why_not(data, word):
    trial = try_filter(word, take_sample(data), 0.1, 2)
    if word == "zfp-reversible":
        assert trial == "zfp-reversible cannot store uint16"
    else:
        assert isinstance(trial, Trial)
        assert trial.is_exact
        assert trial.write.low <= trial.write.median <= trial.write.high


def test_the_ratio_is_that_of_the_stored_bytes(data, tmp_path):
    trial = try_filter("gzip:4", take_sample(f"{data}::/large"), 0.1, 1)
    with h5py.File(tmp_path / "b.h5", "w") as file:
        stored = file.create_dataset(
            "x", data=FRAMES, chunks=(1, 64, 96), compression="gzip", shuffle=True
        ).id.get_storage_size()
    assert trial.ratio == pytest.approx(FRAMES.nbytes / stored, rel=0.2)  # by ISA-L


def test_candidates_are_words_of_recipes():
    assert [parse_filter(word).text for word in CANDIDATES] == list(CANDIDATES)


# ranking


def trial(word: str, ratio: float, write: float, read: float, *, exact: bool = True) -> Trial:
    def speed(value: float) -> Speed:
        return Speed(value, value * 0.95, value * 1.05)

    both = speed(write), speed(read)
    return Trial(word, ratio, *both, *both, 1.0, exact, in_parallel=True)


SMALL, QUICK, POOR = trial("small", 8, 0.1, 1), trial("quick", 2, 2, 2), trial("poor", 2, 0.1, 1)


def test_weight_decides_between_size_and_speed():
    trials = [SMALL, QUICK, POOR]
    assert ranked(trials, weight=1.0)[0].trial.filter == "small"
    assert ranked(trials, weight=0.0)[0].trial.filter == "quick"


def test_a_slow_disk_wants_small_data_and_a_fast_one_quick_filters():
    best = [ranked([SMALL, QUICK], bandwidth=speed)[0].trial.filter for speed in (5, 5000)]
    assert best == ["small", "quick"]


def test_the_front_is_what_no_other_beats():
    front = {one.trial.filter: one.on_front for one in ranked([SMALL, QUICK, POOR])}
    assert front == {"small": True, "quick": True, "poor": False}


def test_a_filter_that_changes_values_is_not_ranked():
    assert ranked([trial("bad", 9, 9, 9, exact=False)]) == []


def test_no_filter_is_advised_only_where_nothing_gets_smaller():
    none = trial("none", 1, 50, 50)
    assert advise(ranked([none, QUICK])).filter == "quick"
    assert advise(ranked([none, trial("vain", 1.01, 2, 2)])).filter == "none"


def test_what_cannot_be_told_apart_is_named():
    twin = trial("twin", 2.01, 1.95, 2.02)
    assert advise(ranked([SMALL, QUICK, twin], weight=0.0), weight=0.0) == Advice(
        "quick",
        "best for size 0%, speed 100%: 2.00:1, written at 2.00 GB/s, read at 2.00 GB/s",
        ("twin",),
    )


# the command


def test_the_command_prints_a_table_and_what_to_take(data, capsys):
    assert main(["filters", "bench", data, "--seconds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{data}::/large  uint16 [40 × 64 × 96], tried on 480.0 KiB of")
    assert "zfp-reversible: zfp-reversible cannot store uint16" in lines
    assert lines[-1].startswith("in a recipe: compression: ")


def test_the_command_prints_json(data, capsys):
    assert main(["filters", "bench", data, "--seconds", "1", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["take"] in {one["filter"] for one in document["filters"]}
    assert {one["lossless"] for one in document["filters"]} == {True}


def test_the_page_stands_alone(data, tmp_path):
    page = tmp_path / "b.html"
    assert main(["filters", "bench", data, "--seconds", "1", "--html", str(page)]) == 0
    text = page.read_text()
    assert "<svg" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in text


@pytest.mark.slow
def test_the_advice_is_set_in_a_recipe(data, tmp_path, capsys):
    recipe = tmp_path / "r.nx.yaml"
    recipe.write_text("nxtool: 1 # mine\ndefinition: NXsas\nentry: {}\n")
    arguments = ["filters", "bench", data, "--seconds", "1", "--format", "json"]
    assert main([*arguments, "--apply", str(recipe)]) == 0
    taken = json.loads(capsys.readouterr().out)["take"]
    assert recipe.read_text() == (
        f'nxtool: 1 # mine\ndefinition: NXsas\ndefaults: {{compression: "{taken}"}}\nentry: {{}}\n'
    )


def test_the_command_tells_what_it_cannot_read(tmp_path, capsys):
    assert main(["filters", "bench", str(tmp_path / "no.h5")]) == 2
    assert capsys.readouterr().err.startswith(f"error: {tmp_path}/no.h5: no such file")


def test_bench_tells_all_it_tried(data):
    bench = run(data, threads=1, seconds=1)
    told = {one.trial.filter for one in bench.order} | set(bench.refused) | set(bench.inexact)
    assert told == set(CANDIDATES)


# one value of a recipe

SET = 'compression: "zstd:3"'


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("a: 1\nentry: {}\n", f"a: 1\ndefaults: {{{SET}}}\nentry: {{}}\n"),
        ("defaults: {}\nentry: {}\n", f"defaults: {{{SET}}}\nentry: {{}}\n"),
        ("defaults: {x: y} # c\n", f"defaults: {{{SET}, x: y}} # c\n"),
        ("defaults: {compression: lzf, x: y}\n", f"defaults: {{{SET}, x: y}}\n"),
        ("defaults:\n  compression: 'gzip:4' # c\n", f"defaults:\n  {SET} # c\n"),
        ("defaults:\n  x: y # c\n  z: 1\n", f"defaults:\n  {SET}\n  x: y # c\n  z: 1\n"),
    ],
)
def test_a_default_is_set_and_nothing_else_changed(text, changed):
    assert with_default(text, Path("r.yaml"), "compression", "zstd:3") == changed


def test_a_recipe_that_cannot_be_changed_is_left_alone():
    text = "defaults:\n  compression: >-\n    lzf\nentry: {}\n"
    with pytest.raises(RecipeError) as caught:
        with_default(text, Path("r.yaml"), "compression", "zstd:3")
    assert "r.yaml" in str(caught.value)


# lossy filters, only where asked for

WAVES = (np.cumsum(np.random.default_rng(3).normal(size=(6, 64, 96)), axis=2) * 9).astype("f4")


@pytest.fixture
def waves(tmp_path):
    np.save(tmp_path / "waves.npy", WAVES)
    return str(tmp_path / "waves.npy")


def test_lossy_filters_are_tried_only_on_request(waves):
    plain = run(waves, threads=2, seconds=1, candidates=("none", "lz4"))
    assert {one.trial.filter for one in plain.order} == {"none", "lz4"}
    found = run(waves, threads=2, seconds=1, candidates=("none", "lz4"), lossy=0.05)
    names = {one.trial.filter for one in found.order}
    assert names == {"none", "lz4", "zfp 0.05", "sz3 0.05", "sperr 0.05", "bitround 12"}
    assert found.inexact == ()


def test_errors_of_lossy_filters_are_measured(waves):
    found = run(waves, threads=1, seconds=1, candidates=("none",), lossy=0.05)
    for one in found.order:
        errors = one.trial.errors
        if one.trial.filter == "none":
            assert errors is None
            continue
        assert 0 < errors.rmse <= errors.max_abs_error <= 0.05
        span = float(WAVES.max()) - float(WAVES.min())
        assert errors.psnr == pytest.approx(20 * np.log10(span / errors.rmse))


def test_a_lossy_filter_that_loses_nothing_has_no_noise(tmp_path):
    np.save(tmp_path / "a.npy", np.tile(np.arange(64, dtype="u2"), (4, 64, 1)))
    data = str(tmp_path / "a.npy")
    found = run(data, threads=1, seconds=1, candidates=("none",), lossy=0.5)
    entries = {one["filter"]: one["errors"] for one in json.loads(bench_json(found))["filters"]}
    lossless = {
        "max_abs_error": 0, "max_rel_error": 0, "rmse": 0, "psnr_db": None, "ssim": 1,
        "mean_shift": 0, "sum_change": 0, "sum_kept": True, "non_finite_kept": True,
    }  # fmt: skip
    assert entries == {"none": None, "sz3 0.5": lossless, "sigbits 7": lossless}
    assert found.refused == {
        "zfp 0.5": "zfp is for float32 and float64, not uint16",
        "sperr 0.5": "sperr is for float32 and float64, not uint16",
    }


def test_losses_are_a_table_on_screen_and_page(waves):
    found = run(waves, threads=1, seconds=1, candidates=("none",), lossy=20)
    heads = ("lossy", "max abs", "max rel", "RMSE", "PSNR dB", "SSIM", "mean shift", "sum")
    lines = ["".join(part.text for part in one.head + one.body) for one in bench_lines(found)]
    (at,) = (number for number, text in enumerate(lines) if text.startswith("lossy"))
    assert lines[at] == f"{heads[0]:<19}" + "".join(f"{head:>11}" for head in heads[1:])
    assert [text.split("  ")[0] for text in lines[at + 1 : at + 5]] == [
        one.trial.filter for one in found.order if one.trial.errors is not None
    ]
    page = bench_page(found)
    assert f"<tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>" in page
    assert page.count("<td>zfp 20</td>") == 2


@pytest.mark.slow
def test_images_that_lost_more_are_less_alike(waves):
    def likeness(bound):
        found = run(waves, threads=1, seconds=1, candidates=("none",), lossy=bound)
        return {
            one.trial.filter.split()[0]: one.trial.errors.ssim
            for one in found.order
            if one.trial.errors is not None
        }

    fine, coarse = likeness(0.05), likeness(20)
    assert all(0 < coarse[name] < fine[name] <= 1 for name in ("zfp", "sz3", "sperr", "bitround"))


def test_values_that_are_not_finite_are_only_rounded(tmp_path):
    values = WAVES.copy()
    values[2, 3, 4] = np.nan
    np.save(tmp_path / "a.npy", values)
    data = str(tmp_path / "a.npy")
    found = run(data, threads=1, seconds=1, candidates=("none",), lossy=0.05)
    assert {one.trial.filter for one in found.order} == {"none", "bitround 12"}
    reason = "the values are not all finite"
    assert found.refused == {"zfp 0.05": reason, "sz3 0.05": reason, "sperr 0.05": reason}


@pytest.mark.slow
def test_advised_loss_is_put_in_words_and_never_made_a_default(waves, tmp_path, capsys):
    (tmp_path / "a.nx.yaml").write_text("nxtool: 1\n")
    command = ["filters", "bench", waves, "--lossy", "20", "--weight", "1", "--seconds", "1"]
    assert main([*command, "--apply", str(tmp_path / "a.nx.yaml")]) == 2
    told = capsys.readouterr()
    best = json_of(capsys, *command)["take"]
    method = best.split()[0]
    assert method in ("sz3", "sperr", "zfp")
    words = f"in a recipe: lossy: {{method: {method}, bound: 20, i_accept_loss: true}}"
    assert told.out.splitlines()[-1] == words
    assert told.err == (
        f"error: {best} is lossy, which is no default\n  → say it in the field, as shown above\n"
    )
    assert (tmp_path / "a.nx.yaml").read_text() == "nxtool: 1\n"


def json_of(capsys, *command):
    assert main([*command, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)
