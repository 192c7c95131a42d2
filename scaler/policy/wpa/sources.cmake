# Included by the folder above: the parts of one library and its tests.
set(WPA_SOURCES
)
set(WPA_TESTS
)
