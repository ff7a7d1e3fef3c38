#include "sim/flash/undo_log.hpp"

#include <algorithm>

namespace sb::sim {

UndoLog::Granules UndoLog::granules_of(const Entry& entry, std::uint32_t granule) {
    const std::uint32_t first = entry.offset / granule;
    const std::uint32_t end = (entry.offset + entry.bytes + granule - 1) / granule;
    return {static_cast<std::ptrdiff_t>(first), end - first};
}

void UndoLog::save(const FlashContent& content, std::uint32_t granule, std::uint32_t offset, std::uint32_t bytes) {
    const Entry entry{offset, bytes, saved_.size()};
    const Granules granules = granules_of(entry, granule);
    saved_.insert(saved_.end(), content.cells.begin() + offset, content.cells.begin() + offset + bytes);
    for (const Flags* flags : {&content.programmed, &content.torn, &content.unreadable}) {
        const auto first = flags->begin() + granules.first;
        saved_.insert(saved_.end(), first, first + static_cast<std::ptrdiff_t>(granules.count));
    }
    entries_.push_back(entry);
}

void UndoLog::save_wear(std::size_t unit) {
    entries_.push_back({static_cast<std::uint32_t>(unit), wear, saved_.size()});
}

void UndoLog::put_back(const Entry& entry, FlashContent& content, std::uint32_t granule) const {
    if (entry.bytes == wear) {
        --content.erase_counts[entry.offset];
        return;
    }
    const Granules granules = granules_of(entry, granule);
    auto from = saved_.begin() + static_cast<std::ptrdiff_t>(entry.saved_at);
    std::copy_n(from, entry.bytes, content.cells.begin() + entry.offset);
    from += static_cast<std::ptrdiff_t>(entry.bytes);
    for (Flags* flags : {&content.programmed, &content.torn, &content.unreadable}) {
        std::copy_n(from, granules.count, flags->begin() + granules.first);
        from += static_cast<std::ptrdiff_t>(granules.count);
    }
}

void UndoLog::clear() {
    entries_.clear();
    saved_.clear();
}

}  // namespace sb::sim
