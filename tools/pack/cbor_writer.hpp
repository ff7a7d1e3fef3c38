// tools/pack: CBOR in its deterministic encoding, put together from encoded parts. nlohmann-json encodes the values;
// its objects know only text keys, so maps and arrays of encoded parts are headed here.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"

namespace sb::pack::cbor {

using Encoded = std::vector<std::uint8_t>;

/// A number, text, null, …
[[nodiscard]] Encoded item(const nlohmann::json& value);
/// A byte string.
[[nodiscard]] Encoded bytes(Bytes content);
/// An array of encoded items.
[[nodiscard]] Encoded array(std::span<const Encoded> items);
[[nodiscard]] Encoded array(std::initializer_list<Encoded> items);
/// A map of encoded values under integer keys, sorted as the deterministic encoding asks.
[[nodiscard]] Encoded map(std::vector<std::pair<std::int64_t, Encoded>> members);
/// A tagged item. Requires: tag < 256.
[[nodiscard]] Encoded tagged(std::uint8_t tag, const Encoded& content);

}  // namespace sb::pack::cbor
