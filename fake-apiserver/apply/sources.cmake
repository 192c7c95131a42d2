# Included by the folder above.
set(APPLY_SOURCES)

set(APPLY_TEST_SOURCES)
