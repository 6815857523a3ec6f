"""The picture of a bench of filters."""

import re

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from nxtool.bench.ranking import Ranked
from nxtool.bench.trial import Speed, Trial
from nxtool.webpage.benchplot import HEIGHT, WIDTH, bench_picture

SVG = "{http://www.w3.org/2000/svg}"
POSITIVE = st.floats(1e-6, 1e6)
NAMES = st.text("abz :;<>&'\"0189", max_size=30)


def ranked(name, ratio, speed, on_front):
    same = Speed(speed, speed, speed)
    trial = Trial(name, ratio, same, same, same, same, 1.0, True, True)
    return Ranked(trial, 1.0, on_front)


def shapes(order):
    """Every dot as class, place and what it tells; every name as place and text."""
    root = etree.fromstring(bench_picture(order))
    dots = [
        (dot.get("class"), float(dot.get("cx")), float(dot.get("cy")), dot.find(f"{SVG}title").text)
        for dot in root.iter(f"{SVG}circle")
    ]
    names = [
        (float(one.get("x")), float(one.get("y")), one.text)
        for one in root.iter(f"{SVG}text")
        if one.get("class") == "name"
    ]
    return dots, names


def test_a_dot_lies_by_ratio_and_speed():
    order = [ranked("gzip:4", 4.0, 0.1, True), ranked("lz4", 2.0, 1.0, False)]
    dots, names = shapes(order)
    (grey, x1, y1, told), (blue, x2, y2, _) = dots
    assert (grey, blue) == ("dot", "front")
    assert x1 < x2
    assert y1 < y2
    assert told == "lz4: 2.00:1, written at 1.00 GB/s"
    assert [name for _, _, name in names] == ["gzip:4", "lz4"]


def test_where_names_have_no_room_those_of_the_front_stand():
    order = [ranked(f"filter{n}", 2.0, 1.0, on_front=n == 7) for n in range(8)]
    _, names = shapes(order)
    assert names[0][2] == "filter7"
    assert len(names) < 8


def test_nothing_tried_is_nothing_drawn():
    assert bench_picture([]) == ""


@given(st.lists(st.tuples(NAMES, POSITIVE, POSITIVE, st.booleans()), min_size=1))
def test_all_dots_and_names_lie_in_the_picture(tried):
    order = [ranked(*one) for one in tried]
    assert not re.search(
        r"nan|inf", re.sub(r"<title>.*?</title>|>[^<]*</text>", "", bench_picture(order))
    )
    dots, names = shapes(order)
    assert len(dots) == len(order)
    for x, y in [dot[1:3] for dot in dots] + [name[:2] for name in names]:
        assert 0 < x < WIDTH
        assert 0 < y < HEIGHT
