# Included by the folder above: the parts of one library and its tests.
set(KEDA_SOURCES
)
set(KEDA_TESTS
)
