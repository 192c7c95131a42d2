// What a CustomResourceDefinition says about its resource, read once: schemas, subresources and columns by version.
// Immutable; shared by the ResourceInfo and by whoever is at work with it.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fake-apiserver/api/resource_registry.h"
#include "fake-apiserver/api/status.h"
#include "fake-apiserver/custom/json_path.h"
#include "fake-apiserver/custom/printer_columns.h"
#include "fake-apiserver/custom/structural_schema.h"
#include "fake-apiserver/schema/schema.h"

namespace fakeapi {

// Where a Scale's fields stand in the object; paths of names.
struct ScalePaths {
  std::vector<std::string> spec_replicas;
  std::vector<std::string> status_replicas;
  std::vector<std::string> selector;  // empty: none
};

// The schema in the form of schema/schema.h, for apply and OpenAPI. Types refer to each other: it never moves.
struct CustomTypes {
  std::deque<SchemaType> types;
  const SchemaType* root = nullptr;
};
std::unique_ptr<const CustomTypes> build_types(const SchemaNode& root, const std::string& name, const SchemaKind& kind);

struct CustomVersion {
  std::string name;
  bool served = true;
  bool storage = false;
  std::string deprecation;  // the warning; empty if it is not deprecated
  SchemaNode::Ptr schema;
  Json openapi;  // openAPIV3Schema as it was given
  std::unique_ptr<const CustomTypes> types;
  bool has_status = false;
  std::optional<ScalePaths> scale;
  std::vector<PrinterColumn> columns;
};

class CustomDefinition {
 public:
  // REQUIRES: `object` has passed check_definition().
  explicit CustomDefinition(const Json& object);

  // Null if there is none.
  const CustomVersion* version(const std::string& name) const;
  const std::vector<CustomVersion>& versions() const { return versions_; }
  const std::string& name() const { return name_; }
  // It is being deleted: no new objects.
  bool terminating() const { return terminating_; }

 private:
  std::string name_;
  bool terminating_ = false;
  std::vector<CustomVersion> versions_;
};

// How the resource is served. REQUIRES: as above.
ResourceInfo info_of_definition(const Json& object);

// Names that may be missing, and the rest of what a real server fills in.
void default_definition(Json& object);

struct DefinitionProblems {
  std::vector<FieldError> errors;
  std::vector<std::string> warnings;
};
// What is wrong with a CustomResourceDefinition; `before` is the stored one of an update, or null.
DefinitionProblems check_definition(const Json& object, const Json* before);

// The type of a kind in a version, built in or defined; null for a resource without a schema.
const SchemaType* type_of(const ResourceInfo& info, const std::string& version);

}  // namespace fakeapi
