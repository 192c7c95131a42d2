// Names one policy object.
#pragma once

#include <compare>
#include <string>

#include "scaler/client/api_types.h"

namespace scaler {

constexpr char kHpaKind[] = "HorizontalPodAutoscaler";
constexpr char kTunerKind[] = "HpaTuner";
constexpr char kScalingPolicyKind[] = "ScalingPolicy";
constexpr char kHumanKind[] = "HumanOperator";
constexpr char kKedaKind[] = "ScaledObject";
constexpr char kKpaKind[] = "PodAutoscaler";
constexpr char kWpaKind[] = "WatermarkPodAutoscaler";

struct PolicyId {
  std::string kind;
  ObjectKey key;
  std::string text() const { return kind + " " + key.text(); }
  auto operator<=>(const PolicyId&) const = default;
};

}  // namespace scaler
