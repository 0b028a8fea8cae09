"""No XML is read, so no entity is expanded. Whoever brings a parser in brings it in here, with its tests."""

import pytest

from tests.house.source import modules
from tests.security.test_03_no_requests_out import imported

PARSERS = {"xml", "lxml", "defusedxml", "xmltodict", "bs4", "html5lib"}


@pytest.mark.slow
def test_no_source_reads_xml():
    found = {str(path) for path, tree in modules() if PARSERS & {name.partition(".")[0] for name in imported(tree)}}
    assert found == set()
