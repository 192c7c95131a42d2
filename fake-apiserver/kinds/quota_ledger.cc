#include "fake-apiserver/kinds/quota_ledger.h"

#include "fake-apiserver/store/json_access.h"

namespace fakeapi {
namespace {
const Resource kQuotas{"", "resourcequotas"};
}

QuotaLedger::QuotaLedger(ObjectStore& store)
    : store_(store), quotas_(store.subscribe(kQuotas, [this](const StoreEvent& event) { on_quota(event); })) {}

QuotaLedger::~QuotaLedger() {
  store_.unsubscribe(quotas_);
  for (const auto& [resource, counted] : counted_) store_.unsubscribe(counted.subscription);
}

void QuotaLedger::on_quota(const StoreEvent& event) {
  const ObjectName name = name_of(*event.object);
  const auto known = accounts_.find(name);
  if (event.type == EventType::kDeleted) {
    if (known == accounts_.end()) return;
    const std::vector<Resource> counts = std::move(known->second.counts);
    accounts_.erase(known);
    unfollow(counts);
  } else {
    if (known == accounts_.end() || known->second.spec != member(*event.object, "spec")) {
      open(name, *event.object);
    }
    // Also when somebody else has written the status.
    publish(name, accounts_.at(name));
  }
  on_object(event);
}

void QuotaLedger::open(const ObjectName& name, const Json& quota) {
  Account& account = accounts_[name];
  const std::vector<Resource> earlier = std::move(account.counts);
  account = Account();
  account.spec = member(quota, "spec");
  account.hard = amounts_of(member(account.spec, "hard"));
  account.counts = quota_resources(account.spec);
  for (const Resource& resource : account.counts) {
    for (const ObjectPtr& object : store_.list(resource, name.ns)) {
      enter(account, resource, name_of(*object).name, object.get());
    }
  }
  follow(account.counts);
  unfollow(earlier);
}

bool QuotaLedger::enter(Account& account, const Resource& resource, const std::string& name, const Json* object) {
  const auto key = std::make_pair(resource, name);
  QuotaAmounts usage;
  if (object && quota_covers(account.spec, resource, *object)) {
    usage = limited_by(account.hard, quota_usage(resource, *object));
  }
  const auto known = account.entries.find(key);
  if (known == account.entries.end() ? usage.empty() : known->second == usage) return false;
  if (known != account.entries.end()) {
    subtract_amounts(account.used, known->second);
    account.entries.erase(known);
  }
  add_amounts(account.used, usage);
  if (!usage.empty()) account.entries.emplace(key, std::move(usage));
  return true;
}

// Quotas themselves are followed anyway.
void QuotaLedger::follow(const std::vector<Resource>& resources) {
  for (const Resource& resource : resources) {
    if (resource == kQuotas) continue;
    const auto [entry, added] = counted_.try_emplace(resource);
    Counted& counted = entry->second;
    if (added) counted.subscription = store_.subscribe(resource, [this](const StoreEvent& e) { on_object(e); });
    ++counted.accounts;
  }
}

void QuotaLedger::unfollow(const std::vector<Resource>& resources) {
  for (const Resource& resource : resources) {
    const auto entry = counted_.find(resource);
    if (entry == counted_.end() || --entry->second.accounts > 0) continue;
    store_.unsubscribe(entry->second.subscription);
    counted_.erase(entry);
  }
}

void QuotaLedger::on_object(const StoreEvent& event) {
  const ObjectName object = name_of(*event.object);
  const Json* const now = event.type == EventType::kDeleted ? nullptr : event.object.get();
  for (auto at = accounts_.lower_bound({object.ns, ""}); at != accounts_.end() && at->first.ns == object.ns; ++at) {
    Account& account = at->second;
    if (enter(account, event.resource, object.name, now)) publish(at->first, account);
  }
}

void QuotaLedger::publish(const ObjectName& name, const Account& account) {
  QuotaAmounts used = account.used;
  for (const auto& [resource, amount] : account.hard) used.try_emplace(resource, Quantity{0, amount.form});
  Json status = {{"hard", json_of(account.hard)}, {"used", json_of(used)}};
  (void)store_.update(kQuotas, name, Part::kStatus, [&](Json& quota) -> base::Result<> {
    quota["status"] = std::move(status);
    return {};
  });
}

}  // namespace fakeapi
