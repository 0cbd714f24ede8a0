"""How scenarios are wished for, and who plays in them."""

from pathlib import Path

import pytest

from kmonitor.cli.demo_show import TROUBLES
from kmonitor.fleet_simulator.profile import profile
from kmonitor.fleet_simulator.scenarios.casting import NAMES, Unreadable, cast, read_scenario

PARK = [profile(1, number) for number in range(1, 501)]
README = Path(__file__).parents[3] / "services" / "fleet-simulator" / "README.md"


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_a_scenario_and_is_documented(name: str) -> None:
    assert read_scenario(name).name == name
    assert f"`{name}`" in README.read_text()


def test_a_wish_says_when_how_long_and_about_whom() -> None:
    wished = read_scenario("power_outage:region=Москва,after=-20m,lasts=1.5h")
    assert (wished.after, wished.lasts) == (-1200.0, 5400.0)
    about = {who.region for who in wished.about(PARK)}
    assert about == {"Москва"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("flood", "there is no scenario 'flood'; there are paper_out"),
        ("power_outage:region=Атлантида", "there is no region 'Атлантида'; there are "),
        ("paper_out:after=soon", "is no time, as 90s"),
        ("paper_out:terminals", "'terminals' is not key=value"),
        ("paper_out:operator=T2", "unknown field `operator`"),
        ("jam:leaves=nothing", "Invalid enum value 'nothing'"),
    ],
)
def test_a_slip_is_answered_with_what_to_write(text: str, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_scenario(text)
    assert why in str(refused.value)


def test_no_terminal_suffers_from_two_scenarios_that_would_blur_each_other() -> None:
    wishes = [read_scenario(name) for name in (*NAMES, *NAMES)]
    spared = [
        name for part in cast(wishes, PARK, 1, 0.0).parts if part.scenario.spares for name in part.terminals
    ]
    assert len(spared) == len(set(spared))


def test_a_scenario_without_a_free_terminal_is_named() -> None:
    assert cast([read_scenario("power_outage")], PARK[:0], 1, 0.0).nobody == ["power_outage"]


def test_most_of_a_demo_works_while_everything_goes_wrong_somewhere() -> None:
    troubles = cast([read_scenario(text) for text in TROUBLES], PARK, 1, 0.0)
    assert {part.scenario.name for part in troubles.parts} == set(NAMES)
    assert sum(fate.spared for fate in troubles.fates.values()) < len(PARK) / 8
