"""Schemathesis over our own OpenAPI description: whatever is sent, no answer is an error of ours."""

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.unit.api.world import brute_force, failed_login

EXAMPLES = 25  # for each operation, role and kind: some seconds in all


@pytest.mark.slow
@pytest.mark.parametrize("kind", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_no_answer_is_a_server_error(world, kind):
    world.store(*[failed_login(number, ago_s=number) for number in range(1, 9)])
    world.alert(brute_force((failed_login(1),)))
    token = world.token()
    asked: dict[str, set[int]] = {}
    for found in schemathesis.openapi.from_dict(world.app.openapi()).get_all_operations():
        operation = found.ok()
        if kind is GenerationMode.POSITIVE or list(operation.iter_parameters()) or operation.body:
            asked[operation.label] = answers_to(world, operation, kind, token)
    seen = set().union(*asked.values())
    assert len(asked) >= 7 and all(asked.values()), asked
    assert seen >= ({200, 404} if kind is GenerationMode.POSITIVE else {422}), asked


def answers_to(world, operation, kind, token):
    """The statuses with which `EXAMPLES` requests of this kind were answered."""
    seen = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=kind), known=st.booleans())
    def ask(case, known):
        if known and "identity" in case.path_parameters:
            case.path_parameters["identity"] = "1"
        answer = send(world, case, token)
        seen.add(answer.status_code)
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)

    ask()
    return seen


def send(world, case, token):
    """The case as Schemathesis would send it, to the application in this process."""
    kwargs = case.as_transport_kwargs(base_url="http://127.0.0.1:8480")
    kwargs["headers"] = {**dict(kwargs["headers"]), "Authorization": f"Bearer {token}"}
    known = ("method", "url", "headers", "params", "json", "data", "cookies", "files")
    prepared = requests.Request(**{name: kwargs[name] for name in known if name in kwargs}).prepare()
    headers = [(name, value) for name, value in prepared.headers.items()]
    return world.send(prepared.method, prepared.url, headers=headers, content=prepared.body)
