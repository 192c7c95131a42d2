// The columns of kubectl's tables by resource, and the functions that fill them. Immutable.
#pragma once

#include "fake-apiserver/api/table_cells.h"

namespace fakeapi {

struct TableLayout {
  const char* group;
  const char* plural;
  // Names separated by "|"; "*" marks the wide ones, "#" an integer, "?" a boolean, "^" a date, "@" the object's name.
  const char* columns;
  CellsFunction cells;
};

// Name and age for what has no columns of its own.
const TableLayout& table_layout(const Resource& resource);

}  // namespace fakeapi
