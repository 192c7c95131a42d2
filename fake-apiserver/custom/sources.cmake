# Included by the folder above.
set(CUSTOM_SOURCES)

set(CUSTOM_TEST_SOURCES)
