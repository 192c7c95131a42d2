# Included by the folder above.
set(KINDS_SOURCES)

set(KINDS_TEST_SOURCES)
