// tools/diff/sbd: what the words of a table of types become in the new image: names by where their strings have gone,
// types by how they are numbered anew.
#pragma once

#include <span>

#include "tools/diff/sbd/address_steps.hpp"
#include "tools/diff/sbd/type_table.hpp"

namespace sb::diff {

/// From type `from` on (by its number in the old image) `moved_by` is added.
struct TypeStep {
    std::uint32_t from = 0;
    std::uint32_t moved_by = 0;
    bool operator==(const TypeStep&) const = default;
};

class TypeMap {
public:
    /// `steps`: rising. Requires: the table outlives this.
    TypeMap(const TypeTable& old_table, std::uint32_t new_strings_at, std::span<const TypeStep> steps);

    /// The word at offset `old_at` of the old image as it will be.
    [[nodiscard]] std::uint32_t moved(std::uint32_t old_at, std::uint32_t word, const AddressSteps& places) const;

private:
    const TypeTable& table_;
    std::uint32_t new_strings_at_;
    std::vector<TypeStep> steps_;  ///< the first from 0
};

/// Written as varints: for each step how far it is from the one before, and what it differs from it.
void append_type_steps(std::vector<std::uint8_t>& to, std::span<const TypeStep> steps);

/// How the encoder finds what is alike in two tables: each name is told by a hash of its string, each type by a hash of
/// what it is, through some references.
class TypeHashes {
public:
    TypeHashes(Bytes image, const TypeTablePlace& place);

    /// The image with words of names and types replaced.
    void put(std::span<std::uint8_t> image) const;
    /// Where each type begins, by its number; that of number 0, which is void, is 0.
    [[nodiscard]] const std::vector<std::uint32_t>& begins() const { return begins_; }
    [[nodiscard]] const TypeTable& table() const { return table_; }

private:
    [[nodiscard]] std::uint32_t name_hash(std::uint32_t name) const;
    [[nodiscard]] std::uint32_t shallow_hash(std::uint32_t at) const;
    [[nodiscard]] std::uint32_t deeper_hash(std::uint32_t at, std::span<const std::uint32_t> known) const;
    [[nodiscard]] std::uint32_t word_at(std::uint32_t at) const;

    Bytes image_;
    std::vector<std::uint32_t> begins_{0};
    TypeTable table_;
    std::vector<std::uint32_t> hashes_;  ///< by number
};

}  // namespace sb::diff
