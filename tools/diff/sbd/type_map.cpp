#include "tools/diff/sbd/type_map.hpp"

#include <algorithm>

#include "tools/diff/sbd/varints.hpp"

namespace sb::diff {
namespace {

std::uint32_t mixed(std::uint32_t a, std::uint32_t b) {
    return (a ^ b) * 0x9e3779b1U + (a << 13 | a >> 19);  // golden section
}

}  // namespace

TypeMap::TypeMap(const TypeTable& old_table, std::uint32_t new_strings_at, std::span<const TypeStep> steps)
    : table_(old_table), new_strings_at_(new_strings_at), steps_{TypeStep{}} {
    steps_.insert(steps_.end(), steps.begin(), steps.end());
}

std::uint32_t TypeMap::moved(std::uint32_t old_at, std::uint32_t word, const AddressSteps& places) const {
    switch (table_.word(old_at)) {
        case TypeWord::name:
            return word == 0 ? 0 : places.moved(table_.place().strings_at + word) - new_strings_at_;
        case TypeWord::type:
            return word + std::ranges::upper_bound(steps_, word, {}, &TypeStep::from)[-1].moved_by;
        default:
            return word;
    }
}

void append_type_steps(std::vector<std::uint8_t>& to, std::span<const TypeStep> steps) {
    TypeStep before;
    for (const TypeStep& step : steps) {
        append_varint(to, step.from - before.from);
        append_varint(to, folded(step.moved_by - before.moved_by));
        before = step;
    }
}

TypeHashes::TypeHashes(Bytes image, const TypeTablePlace& place)
    : image_(image), table_([&] {
          MemoryReader reader(image);
          return TypeTable(reader, place, [this](std::uint32_t at) { begins_.push_back(at); });
      }()) {
    std::vector<std::uint32_t> shallow(begins_.size());
    for (std::size_t id = 1; id < begins_.size(); ++id) shallow[id] = shallow_hash(begins_[id]);
    hashes_ = shallow;
    constexpr int depth = 4;  // a pointer to a constant structure is told by the structure's name
    for (int round = 0; round < depth; ++round) {
        std::vector<std::uint32_t> deeper(begins_.size());
        for (std::size_t id = 1; id < begins_.size(); ++id)
            deeper[id] = mixed(shallow[id], deeper_hash(begins_[id], hashes_));
        hashes_ = std::move(deeper);
    }
}

std::uint32_t TypeHashes::word_at(std::uint32_t at) const {
    return at + 4 <= image_.size() ? load_le<std::uint32_t>(image_.subspan(at, 4)) : 0;
}

std::uint32_t TypeHashes::name_hash(std::uint32_t name) const {
    std::uint32_t hash = 0;
    const TypeTablePlace& place = table_.place();
    if (name >= place.strings_bytes) return name;
    for (std::uint32_t at = place.strings_at + name; at < image_.size() && image_[at] != 0; ++at)
        hash = mixed(hash, image_[at]);
    return hash;
}

/// Of what a type is without those that it refers to.
std::uint32_t TypeHashes::shallow_hash(std::uint32_t at) const {
    const std::uint32_t info = word_at(at + 4);
    const TypeShape* const shape = shape_of(info);
    constexpr std::uint32_t kind = 31U << 24;
    // a structure that has a name stays the same when it gets a member more
    if (shape == nullptr || (shape->is_list && word_at(at) != 0)) return mixed(name_hash(word_at(at)), info & kind);
    std::uint32_t hash = 0;
    const std::uint32_t words = type_words(*shape, info);
    for (std::uint32_t k = 0; k < words; ++k) {
        const std::uint32_t word = word_at(at + 4 * k);
        const TypeWord what = table_.word(at + 4 * k);
        if (what != TypeWord::type) hash = mixed(hash, what == TypeWord::name ? name_hash(word) : word);
    }
    return hash;
}

/// Of those that it refers to; a structure is told by its members' names well enough.
std::uint32_t TypeHashes::deeper_hash(std::uint32_t at, std::span<const std::uint32_t> known) const {
    const std::uint32_t info = word_at(at + 4);
    const TypeShape* const shape = shape_of(info);
    if (shape == nullptr || (shape->is_list && shape->third != TypeWord::type)) return 0;
    std::uint32_t hash = 0;
    for (std::uint32_t k = 0; k < type_words(*shape, info); ++k) {
        const std::uint32_t word = word_at(at + 4 * k);
        if (table_.word(at + 4 * k) == TypeWord::type) hash = mixed(hash, word < known.size() ? known[word] : word);
    }
    return hash;
}

void TypeHashes::put(std::span<std::uint8_t> image) const {
    const TypeTablePlace& place = table_.place();
    for (std::uint32_t at = place.types_at; at + 4 <= place.types_at + place.types_bytes; at += 4) {
        const TypeWord what = table_.word(at);
        if (what == TypeWord::other) continue;
        const std::uint32_t word = word_at(at);
        const std::uint32_t known = word < hashes_.size() ? hashes_[word] : word;
        store_le(image, at, what == TypeWord::name ? name_hash(word) : known);
    }
}

}  // namespace sb::diff
