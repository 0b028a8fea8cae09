"""Reading in Elasticsearch's shape, for what reads Elasticsearch: Grafana, elasticsearch-py, elasticdump.

Answered from whichever store is configured, under the caller's scope. What is not answered gets an error in
Elasticsearch's own shape, never a wrong answer.
"""
