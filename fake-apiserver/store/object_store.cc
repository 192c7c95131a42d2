#include "fake-apiserver/store/object_store.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/time_format.h"
#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {

using base::Error;
using base::ErrorCode;

const Resource kDeployments{"apps", "deployments"};
const Resource kNamespaces{"", "namespaces"};

// The alphabet of Kubernetes' generated names: no vowels, nothing that looks like another character.
constexpr std::string_view kNameAlphabet = "bcdfghjklmnpqrstvwxz2456789";
constexpr std::size_t kSuffixLength = 5;
constexpr std::size_t kLongestBase = 58;  // 63, the length of a DNS label, less the suffix

std::string string_at(const Json& object, const char* key) { return text_of(member(object, key)); }

std::string display(const Resource& resource) {
  return resource.group.empty() ? resource.plural : resource.plural + "." + resource.group;
}

Error error_of(ErrorCode code, const Resource& resource, const std::string& name, std::string_view what) {
  return Error{code, display(resource) + " \"" + name + "\" " + std::string(what)};
}

bool has_finalizers(const Json& metadata) {
  const Json& finalizers = member(metadata, "finalizers");
  return finalizers.is_array() && !finalizers.empty();
}

// A namespace is held by its spec, too, for as long as there is something in it.
bool is_held(const Resource& resource, const Json& object) {
  if (has_finalizers(member(object, "metadata"))) return true;
  return resource == kNamespaces && has_finalizers(member(object, "spec"));
}

// True while it lives, whatever ends that.
class Raised {
 public:
  explicit Raised(bool& flag) : flag_(flag) { flag_ = true; }
  ~Raised() { flag_ = false; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;

 private:
  bool& flag_;
};

bool is_deleting(const Json& metadata) { return metadata.contains("deletionTimestamp"); }

std::int64_t grace_seconds(const Json& metadata) {
  return integer_at(metadata, {"deletionGracePeriodSeconds"}).value_or(0);
}

void raise_generation(Json& metadata) {
  const auto generation = metadata.find("generation");
  if (generation != metadata.end() && generation->is_number_integer()) {
    *generation = generation->get<std::int64_t>() + 1;
  }
}

// Unlike ==, which takes 1 and 1.0 for equal.
bool is_same(const Json& a, const Json& b) {
  if (a.type() != b.type()) return false;
  if (a.is_object()) {
    return std::ranges::equal(
        a.get_ref<const Json::object_t&>(), b.get_ref<const Json::object_t&>(),
        [](const auto& x, const auto& y) { return x.first == y.first && is_same(x.second, y.second); });
  }
  if (a.is_array())
    return std::ranges::equal(a.get_ref<const Json::array_t&>(), b.get_ref<const Json::array_t&>(), is_same);
  return a == b;
}

void copy_member(const Json& from, Json& to, const char* key) {
  const auto found = from.find(key);
  const auto there = to.find(key);
  if (found == from.end()) {
    if (there != to.end()) to.erase(there);
  } else if (there == to.end()) {
    to[key] = *found;
  } else if (!is_same(*there, *found)) {  // nearly never
    *there = *found;
  }
}

// Puts back what a write to the status may not change. Compared, not copied: hardly any write tries.
void keep_all_but_status(const Json& stored, Json& object) {
  const auto& members = stored.get_ref<const Json::object_t&>();
  for (auto at = object.begin(); at != object.end();) {
    at = at.key() == "status" || members.contains(at.key()) ? std::next(at) : object.erase(at);
  }
  for (const auto& [key, value] : members) {
    if (key != "status") copy_member(stored, object, key.c_str());
  }
}

// What belongs to the server: clients cannot change it, and a replacement need not repeat it.
void keep_system_metadata(const Json& stored, Json& metadata) {
  for (const char* key : {"name", "namespace", "uid", "creationTimestamp", "generateName", "generation",
                          "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"}) {
    copy_member(stored, metadata, key);
  }
}

// Everything but metadata and status differs.
bool spec_differs(const Json& a, const Json& b) {
  const auto ignored = [](const std::string& key) { return key == "metadata" || key == "status"; };
  const auto& fields = a.get_ref<const Json::object_t&>();
  for (const auto& [key, value] : fields) {
    if (!ignored(key) && member(b, key) != value) return true;
  }
  for (const auto& [key, value] : b.get_ref<const Json::object_t&>()) {
    if (!ignored(key) && !value.is_null() && !fields.contains(key)) return true;
  }
  return false;
}

bool adds_finalizer(const Json& before, const Json& after) {
  const Json& old_finalizers = member(before, "finalizers");
  const Json& finalizers = member(after, "finalizers");
  return finalizers.is_array() && std::any_of(finalizers.begin(), finalizers.end(), [&](const Json& f) {
           return std::find(old_finalizers.begin(), old_finalizers.end(), f) == old_finalizers.end();
         });
}

}  // namespace

ObjectName name_of(const Json& object) {
  const Json& metadata = member(object, "metadata");
  if (!metadata.is_object()) return {};
  return ObjectName{string_at(metadata, "namespace"), string_at(metadata, "name")};
}

ObjectStore::ObjectStore(base::Clock& clock, base::Random random, StoreOptions options)
    : clock_(clock), random_(random), options_(options), documents_(options.open_documents) {}

base::Result<ObjectPtr> ObjectStore::create(const Resource& resource, Json object) {
  if (!object.is_object()) return Error{ErrorCode::kInvalid, "an object is expected"};
  Json& metadata = object["metadata"];
  if (metadata.is_null()) metadata = Json::object();
  if (!metadata.is_object()) return Error{ErrorCode::kInvalid, "metadata must be an object"};

  ObjectName name{string_at(metadata, "namespace"), string_at(metadata, "name")};
  Collection& collection = collections_[resource];
  if (name.name.empty()) {
    const std::string stem = string_at(metadata, "generateName").substr(0, kLongestBase);
    if (stem.empty()) return Error{ErrorCode::kInvalid, "name or generateName is required"};
    do {
      name.name = stem + new_suffix();
    } while (collection.contains(name));
    metadata["name"] = name.name;
  } else if (collection.contains(name)) {
    return error_of(ErrorCode::kExists, resource, name.name, "already exists");
  }
  metadata["uid"] = new_uid();
  metadata["creationTimestamp"] = base::format_rfc3339(clock_.now());
  metadata.erase("deletionTimestamp");
  metadata.erase("deletionGracePeriodSeconds");
  metadata.erase("selfLink");
  if (object.contains("spec")) {
    metadata["generation"] = 1;
  } else {
    metadata.erase("generation");
  }
  return commit(EventType::kAdded, resource, name, std::move(object), nullptr);
}

base::Result<ObjectPtr> ObjectStore::get(const Resource& resource, const ObjectName& name) const {
  if (ObjectPtr found = find(resource, name)) return found;
  return error_of(ErrorCode::kNotFound, resource, name.name, "not found");
}

StoredPtr ObjectStore::stored(const Resource& resource, const ObjectName& name) const {
  const auto collection = collections_.find(resource);
  if (collection == collections_.end()) return nullptr;
  const auto found = collection->second.find(name);
  return found == collection->second.end() ? nullptr : found->second;
}

ObjectPtr ObjectStore::find(const Resource& resource, const ObjectName& name) const {
  const StoredPtr found = stored(resource, name);
  return found ? documents_.open(found) : nullptr;
}

ObjectState ObjectStore::state(const Resource& resource, const ObjectName& name) const {
  return ObjectState(documents_, stored(resource, name));
}

ObjectState ObjectStore::state_of(const Resource& resource, const ObjectPtr& object) const {
  StoredPtr found = stored(resource, name_of(*object));
  if (found && documents_.open(found) == object) return ObjectState(documents_, std::move(found));
  return ObjectState(object);
}

std::vector<ObjectPtr> ObjectStore::list(const Resource& resource, const std::string& ns) const {
  std::vector<ObjectPtr> objects;
  visit(resource, ns, [&](const ObjectName&, const ObjectState& object) { objects.push_back(object.document()); });
  return objects;
}

void ObjectStore::visit(const Resource& resource, const std::string& ns,
                        const std::function<void(const ObjectName&, const ObjectState&)>& visit) const {
  const auto collection = collections_.find(resource);
  if (collection == collections_.end()) return;
  auto at = ns.empty() ? collection->second.begin() : collection->second.lower_bound(ObjectName{ns, ""});
  for (; at != collection->second.end() && (ns.empty() || at->first.ns == ns); ++at)
    visit(at->first, ObjectState(documents_, at->second));
}

base::Result<ObjectPtr> ObjectStore::update(const Resource& resource, const ObjectName& name, Part part,
                                            const Mutation& change) {
  const ObjectPtr stored = find(resource, name);
  if (!stored) return error_of(ErrorCode::kNotFound, resource, name.name, "not found");
  const Json& before = stored->at("metadata");

  Json object = *stored;
  if (auto changed = change(object); !changed) return changed.error();
  if (!object.is_object()) return Error{ErrorCode::kInvalid, "an object is expected"};
  if (object["metadata"].is_null()) object["metadata"] = Json::object();
  if (!object["metadata"].is_object()) return Error{ErrorCode::kInvalid, "metadata must be an object"};

  const std::string version = string_at(object["metadata"], "resourceVersion");
  const std::string uid = string_at(object["metadata"], "uid");
  const bool raced = !version.empty() && version != "0" && version != string_at(before, "resourceVersion");
  if (raced || (!uid.empty() && uid != string_at(before, "uid"))) {
    return error_of(ErrorCode::kConflict, resource, name.name, "was changed by somebody else");
  }
  if (part == Part::kStatus) {
    // Upstream, too, whoever writes a Deployment's status may annotate it, and its generation does not hear of it.
    const Json metadata = resource == kDeployments ? std::move(object["metadata"]) : Json();
    keep_all_but_status(*stored, object);
    if (resource == kDeployments) copy_member(metadata, object["metadata"], "annotations");
  } else if (part == Part::kSpec) {
    copy_member(*stored, object, "status");
  }
  return replace(resource, name, part, stored, std::move(object));
}

base::Result<ObjectPtr> ObjectStore::replace(const Resource& resource, const ObjectName& name, Part part,
                                             const ObjectPtr& stored, Json object) {
  const Json& before = stored->at("metadata");
  Json& metadata = object["metadata"];
  keep_system_metadata(before, metadata);
  if (object == *stored) return stored;
  if (is_deleting(before) && adds_finalizer(before, metadata)) {
    return error_of(ErrorCode::kInvalid, resource, name.name, "is being deleted: no finalizers can be added");
  }
  const bool annotations_count = resource == kDeployments && part != Part::kStatus;
  const bool status_counts = part == Part::kDocument && member(*stored, "status") != member(object, "status");
  if ((part != Part::kStatus && spec_differs(*stored, object)) || status_counts ||
      (annotations_count && member(before, "annotations") != member(metadata, "annotations"))) {
    raise_generation(metadata);
  }
  const bool gone = is_deleting(before) && !is_held(resource, object) && grace_seconds(before) == 0;
  return commit(gone ? EventType::kDeleted : EventType::kModified, resource, name, std::move(object), stored);
}

base::Result<ObjectPtr> ObjectStore::remove(const Resource& resource, const ObjectName& name,
                                            const Preconditions& preconditions, std::optional<base::Duration> grace,
                                            const Mutation& mark) {
  const ObjectPtr stored = find(resource, name);
  if (!stored) return error_of(ErrorCode::kNotFound, resource, name.name, "not found");
  const Json& before = stored->at("metadata");
  if ((preconditions.uid && *preconditions.uid != string_at(before, "uid")) ||
      (preconditions.resource_version && *preconditions.resource_version != string_at(before, "resourceVersion"))) {
    return error_of(ErrorCode::kConflict, resource, name.name, "does not meet the preconditions");
  }
  Json object = *stored;
  if (mark) {
    if (auto marked = mark(object); !marked) return marked.error();
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(grace.value_or(base::Duration::zero()));
  // A negative grace stamps the object with none and leaves it to whoever removes it then.
  const bool stays = grace && *grace < base::Duration::zero();
  if (seconds.count() <= 0 && !stays && !is_held(resource, object)) {
    if (!is_deleting(before) || grace_seconds(before) == 0) {
      return commit(EventType::kDeleted, resource, name, std::move(object), stored);
    }
    // The end of a grace is seen twice: no time left, then gone.
    object["metadata"]["deletionTimestamp"] = base::format_rfc3339(clock_.now());
    object["metadata"]["deletionGracePeriodSeconds"] = 0;
    ObjectPtr last = commit(EventType::kModified, resource, name, std::move(object), stored);
    if (rehearsing_) return last;
    // Who hears of the first may have removed or changed it meanwhile.
    const ObjectPtr now = find(resource, name);
    if (!now || string_at(now->at("metadata"), "uid") != string_at(last->at("metadata"), "uid")) return last;
    if (is_held(resource, *now)) return now;
    return commit(EventType::kDeleted, resource, name, *now, now);
  }
  // A later request may shorten the grace, never lengthen it.
  const bool sooner = !is_deleting(before) || seconds.count() < grace_seconds(before);
  if (sooner) {
    Json& metadata = object["metadata"];
    if (!is_deleting(before)) raise_generation(metadata);
    metadata["deletionTimestamp"] = base::format_rfc3339(clock_.now() + seconds);
    metadata["deletionGracePeriodSeconds"] = seconds.count();
  } else if (object == *stored) {
    return stored;
  }
  return commit(EventType::kModified, resource, name, std::move(object), stored);
}

base::Result<ObjectPtr> ObjectStore::rehearse(const std::function<base::Result<ObjectPtr>()>& write) {
  struct Rewind {
    base::Random& random;
    const base::Random before = random;
    ~Rewind() { random = before; }
  };
  const Rewind rewind{random_};
  const Raised rehearsing(rehearsing_);
  return write();
}

ObjectStore::SubscriptionId ObjectStore::subscribe(const Resource& resource, Subscriber subscriber) {
  subscriptions_.push_back(
      Subscription{++last_subscription_, resource, revision_, std::make_shared<Subscriber>(std::move(subscriber))});
  return last_subscription_;
}

ObjectStore::SubscriptionId ObjectStore::subscribe_all(Subscriber subscriber) {
  subscriptions_.push_back(
      Subscription{++last_subscription_, std::nullopt, revision_, std::make_shared<Subscriber>(std::move(subscriber))});
  return last_subscription_;
}

void ObjectStore::unsubscribe(SubscriptionId id) {
  const auto found =
      std::find_if(subscriptions_.begin(), subscriptions_.end(), [&](const Subscription& s) { return s.id == id; });
  if (found == subscriptions_.end()) return;
  if (delivering_) {
    found->call = nullptr;  // deliver() walks the list by index, and clears up when it is done
  } else {
    subscriptions_.erase(found);
  }
}

base::Result<std::vector<StoreEvent>> ObjectStore::events_since(const Resource& resource, Revision since) const {
  auto first = history_after(since);
  if (!first) return first.error();
  std::vector<StoreEvent> events;
  for (std::size_t i = *first; i < history_.size(); ++i) {
    if (*history_[i].resource == resource) events.push_back(event_of(history_[i]));
  }
  return events;
}

base::Result<std::vector<ObjectPtr>> ObjectStore::list_at(const Resource& resource, const std::string& ns,
                                                          Revision at) const {
  auto first = history_after(at);
  if (!first) return first.error();
  std::map<ObjectName, ObjectPtr> collection;
  for (const ObjectPtr& object : list(resource, ns)) collection.emplace(name_of(*object), object);
  for (std::size_t i = history_.size(); i > *first; --i) {
    const Change& change = history_[i - 1];
    if (*change.resource != resource) continue;
    const ObjectName name = name_of(*documents_.open(change.object));
    if (!ns.empty() && name.ns != ns) continue;
    if (change.previous) {
      collection[name] = documents_.open(change.previous);
    } else {
      collection.erase(name);
    }
  }
  std::vector<ObjectPtr> objects;
  for (const auto& [name, object] : collection) objects.push_back(object);
  return objects;
}

StoreEvent ObjectStore::event_of(const Change& change) const {
  return StoreEvent{change.revision,
                    change.at,
                    change.type,
                    *change.resource,
                    documents_.open(change.object),
                    change.previous ? documents_.open(change.previous) : nullptr,
                    ObjectState(documents_, change.object)};
}

base::Result<std::size_t> ObjectStore::history_after(Revision since) const {
  const auto first =
      std::upper_bound(history_.begin(), history_.end(), since,
                       [](Revision revision, const Change& change) { return revision < change.revision; });
  // Old events are dropped when something is written; until then they count as dropped.
  const bool too_old = first != history_.end() && first->at < clock_.now() - options_.history_age;
  if (since < oldest_complete_ || too_old) {
    return Error{ErrorCode::kExpired, "the history no longer reaches back to " + std::to_string(since)};
  }
  return static_cast<std::size_t>(first - history_.begin());
}

// Version 4 of RFC 9562.
std::string ObjectStore::new_uid() {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<std::uint64_t, 2> bits{random_.u64(), random_.u64()};
  bits[0] = (bits[0] & ~0xf000ULL) | 0x4000ULL;
  bits[1] = (bits[1] & ~(3ULL << 62)) | (2ULL << 62);
  std::string uid;
  for (unsigned digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) uid += '-';
    uid += kHex[(bits[digit / 16] >> (60 - digit % 16 * 4)) & 15];
  }
  return uid;
}

std::string ObjectStore::new_suffix() {
  std::string suffix;
  for (std::size_t i = 0; i < kSuffixLength; ++i) suffix += kNameAlphabet[random_.below(kNameAlphabet.size())];
  return suffix;
}

ObjectPtr ObjectStore::commit(EventType type, const Resource& resource, const ObjectName& name, Json object,
                              ObjectPtr previous) {
  if (rehearsing_) return std::make_shared<const Json>(std::move(object));
  object["metadata"]["resourceVersion"] = std::to_string(++revision_);
  auto committed = std::make_shared<const Json>(std::move(object));
  StoredPtr stored = documents_.add(committed);
  StoredPtr before;
  const auto collection = collections_.try_emplace(resource).first;
  if (type == EventType::kDeleted) {
    before = std::move(collection->second.extract(name).mapped());
  } else {
    before = std::exchange(collection->second[name], stored);
  }
  history_.push_back(Change{revision_, clock_.now(), type, &collection->first, stored, std::move(before)});
  trim_history();
  undelivered_.push_back(StoreEvent{revision_, clock_.now(), type, resource, committed, std::move(previous),
                                    ObjectState(documents_, std::move(stored))});
  deliver();
  return committed;
}

void ObjectStore::deliver() {
  if (delivering_) return;
  std::optional<Raised> delivering(delivering_);
  while (!undelivered_.empty()) {
    const StoreEvent event = std::move(undelivered_.front());
    undelivered_.pop_front();
    for (std::size_t i = 0; i < subscriptions_.size(); ++i) {
      const Subscription& s = subscriptions_[i];
      if (!s.call || s.since >= event.revision || (s.resource && *s.resource != event.resource)) continue;
      const auto call = s.call;  // keeps it alive if it unsubscribes itself
      (*call)(event);
    }
  }
  delivering.reset();
  std::erase_if(subscriptions_, [](const Subscription& s) { return !s.call; });
}

void ObjectStore::trim_history() {
  const base::Time oldest = clock_.now() - options_.history_age;
  while (history_.size() > options_.history_limit || (!history_.empty() && history_.front().at < oldest)) {
    oldest_complete_ = history_.front().revision;
    history_.pop_front();
  }
}

std::vector<Resource> ObjectStore::resources() const {
  std::vector<Resource> all;
  for (const auto& [resource, collection] : collections_) {
    if (!collection.empty()) all.push_back(resource);
  }
  return all;
}

void ObjectStore::restore(Revision revision, std::vector<std::pair<Resource, Json>> objects) {
  history_.clear();
  revision_ = revision;
  oldest_complete_ = revision;
  random_ = random_.fork("restored").fork(revision);  // what it has drawn before may be among the objects
  for (Subscription& s : subscriptions_) s.since = 0;
  const auto tell = [&](EventType type, const Resource& resource, const ObjectPtr& object, ObjectPtr previous) {
    undelivered_.push_back(StoreEvent{revision, clock_.now(), type, resource, object, std::move(previous)});
  };
  for (const auto& [resource, collection] : std::exchange(collections_, {})) {
    for (const auto& [name, stored] : collection) {
      const ObjectPtr object = documents_.open(stored);
      tell(EventType::kDeleted, resource, object, object);
    }
  }
  for (auto& [resource, document] : objects) {
    const auto object = std::make_shared<const Json>(std::move(document));
    collections_[resource][name_of(*object)] = documents_.add(object);
    tell(EventType::kAdded, resource, object, nullptr);
  }
  deliver();
}

void ObjectStore::shrink_history(std::size_t events) {
  while (history_.size() > events) {
    oldest_complete_ = history_.front().revision;
    history_.pop_front();
  }
}

}  // namespace fakeapi
