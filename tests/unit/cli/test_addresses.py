"""Who is asked: what was given, and only for the rest the description of a local stack."""

import json
from pathlib import Path

import pytest

from kmonitor.cli.addresses import NobodyToAsk, addresses
from kmonitor.local.data_folder import DESCRIPTION


def test_what_was_given_needs_no_stack(tmp_path: Path) -> None:
    given = {"gateway": "http://far", "token": "k1.secret"}
    assert addresses(tmp_path, **given) == given


def test_the_rest_is_as_the_stack_describes_it(tmp_path: Path) -> None:
    said = {
        "query_api": "http://query",
        "gateway": "http://here",
        "admin_token": "its.token",
        "web": "http://web",
    }
    (tmp_path / DESCRIPTION).write_text(json.dumps(said))
    assert addresses(tmp_path, query_api=None, gateway="http://far", token=None) == {
        "query_api": "http://query",
        "gateway": "http://far",
        "token": "its.token",
    }


def test_without_a_stack_the_options_of_this_command_are_named(tmp_path: Path) -> None:
    with pytest.raises(NobodyToAsk, match="or give --gateway and --token"):
        addresses(tmp_path, gateway=None, token=None)
    with pytest.raises(NobodyToAsk, match="or give --query-api, --gateway and --token"):
        addresses(tmp_path, query_api="http://far", gateway=None, token=None)
