#include "tools/diff/sbd/fast_types.hpp"

#include <algorithm>

namespace sb::diff {

std::optional<TypePair> find_types(Bytes old, Bytes new_image) {
    const auto old_place = find_type_table(old), new_place = find_type_table(new_image);
    if (!old_place || !new_place) return std::nullopt;
    return TypePair{TypeHashes(old, *old_place), TypeHashes(new_image, *new_place)};
}

std::vector<TypeStep> type_steps(const TypePair& types, std::span<const MapBlock> covers) {
    const std::vector<std::uint32_t>&old_begins = types.of_old.begins(), &new_begins = types.of_new.begins();
    constexpr std::uint32_t unknown = 0xffffffff;
    std::vector<std::uint32_t> new_numbers(old_begins.size(), unknown);
    auto cover = covers.begin();
    for (std::uint32_t number = 1; number < new_begins.size(); ++number) {
        const std::uint32_t at = new_begins[number];
        while (cover != covers.end() && cover->new_at + cover->bytes <= at) ++cover;
        if (cover == covers.end()) break;
        if (cover->new_at > at) continue;
        const auto same = std::ranges::lower_bound(old_begins, at + cover->diagonal());
        if (same == old_begins.end() || *same != at + cover->diagonal()) continue;
        std::uint32_t& known = new_numbers[static_cast<std::size_t>(same - old_begins.begin())];
        if (known == unknown) known = number;
    }
    std::vector<TypeStep> steps;
    std::uint32_t moved_by = 0;
    for (std::uint32_t number = 1; number < new_numbers.size(); ++number) {
        if (new_numbers[number] == unknown || new_numbers[number] - number == moved_by) continue;
        moved_by = new_numbers[number] - number;
        if (steps.size() < most_type_steps - 1) steps.push_back({number, moved_by});
    }
    return steps;
}

}  // namespace sb::diff
