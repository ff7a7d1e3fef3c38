// tools/diff/sbd: tables of types in both images of a patch in the fast form.
#pragma once

#include <optional>

#include "tools/diff/sbd/fast_form.hpp"
#include "tools/diff/sbd/type_map.hpp"

namespace sb::diff {

struct TypePair {
    TypeHashes of_old, of_new;
};
/// None unless both images have a table.
[[nodiscard]] std::optional<TypePair> find_types(Bytes old, Bytes new_image);

/// How types are numbered anew when `covers` say which is which; most_type_steps at most.
[[nodiscard]] std::vector<TypeStep> type_steps(const TypePair& types, std::span<const MapBlock> covers);

}  // namespace sb::diff
