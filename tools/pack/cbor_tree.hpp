// tools/pack: any CBOR item as a tree, read with the core's own strict reader, for tools that explain what is in a
// file. Views into the input: the input outlives the tree.
#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/cbor.hpp"

namespace sb::pack {

struct CborItem {
    CborType type = CborType::none;
    std::uint64_t number = 0;     ///< integer (of a negative one: -1 - value), tag or simple value
    Bytes content;                ///< of a byte or text string
    Bytes encoded;                ///< the whole item as it stands
    std::vector<CborItem> items;  ///< of an array; of a map key, value, key, value, …; of a tag the one item

    /// Its value, when it is an integer that fits; else nothing.
    [[nodiscard]] std::optional<std::int64_t> integer() const;
    /// The value under `key` in a map, or null.
    [[nodiscard]] const CborItem* find(std::int64_t key) const;
    /// Numbers, texts, byte strings in hexadecimal, arrays, objects.
    [[nodiscard]] nlohmann::ordered_json json() const;
};

/// Where reading stopped, and why.
struct CborProblem {
    Error error = Error::none;
    std::size_t offset = 0;
};

/// The item at the start of `in`. Nested deeper than 16: unsupported.
[[nodiscard]] std::expected<CborItem, CborProblem> read_cbor_item(Bytes in);
/// The one item that `in` holds. Errors besides: trailing_data.
[[nodiscard]] std::expected<CborItem, CborProblem> read_cbor(Bytes in);

}  // namespace sb::pack
