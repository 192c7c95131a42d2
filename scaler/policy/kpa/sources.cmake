# Included by the folder above: the parts of one library and its tests.
set(KPA_SOURCES
)
set(KPA_TESTS
)
