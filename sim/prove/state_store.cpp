#include "sim/prove/state_store.hpp"

#include <algorithm>

namespace sb::prove {

namespace {
constexpr std::uint32_t block_bytes = sim::ContentFingerprint::block_bytes;
}

StateStore::StateStore(sim::NorFlash& flash)
    : flash_(flash),
      blocks_(flash.geometry().bytes / block_bytes),
      granules_(block_bytes / flash.geometry().granule),
      restored_(flash.content()) {}

StateStore::Id StateStore::find(const Fingerprint& key) const {
    const Id* const id = known_.find(key);
    return id != nullptr ? *id : none;
}

StateStore::Id StateStore::put(const Fingerprint& key, Entry entry) {
    Id id = find(key);
    if (id == none) {
        id = static_cast<Id>(entries_.size());
        known_.add(key, id);
        entries_.emplace_back();
        content_.resize(content_.size() + blocks_ + 1);
    }
    std::uint32_t* const content = &content_[id * (std::size_t{blocks_} + 1)];
    for (std::uint32_t block = 0; block < blocks_; ++block) content[block] = block_id(block);
    content[blocks_] = weak_id();
    entries_[id] = std::move(entry);
    return id;
}

std::uint32_t StateStore::block_id(std::uint32_t block) {
    const Fingerprint f = flash_.block_fingerprint(block);
    if (const std::uint32_t* const known = known_blocks_.find(f)) return *known;
    const sim::FlashContent& content = flash_.content();
    const std::size_t size = block_bytes + 3 * std::size_t{granules_};
    const auto id = static_cast<std::uint32_t>(bytes_.size() / size);
    known_blocks_.add(f, id);
    const auto append = [this](const std::vector<std::uint8_t>& from, std::uint32_t first, std::uint32_t count) {
        bytes_.insert(bytes_.end(), from.begin() + first, from.begin() + first + count);
    };
    append(content.cells, block * block_bytes, block_bytes);
    for (const sim::Flags* flags : {&content.programmed, &content.torn, &content.unreadable})
        append(*flags, block * granules_, granules_);
    return id;
}

std::uint32_t StateStore::weak_id() {
    const WeakMap& weak = flash_.content().weak;
    Fingerprint f;
    for (const auto& [offset, range] : weak) {
        f = sim::fingerprint(
            offset | std::uint64_t{static_cast<std::uint8_t>(range.reads)} << 40 | std::uint64_t{range.flip} << 48, f);
        f = sim::fingerprint(range.became, sim::fingerprint(range.was, f));
    }
    if (const std::uint32_t* const known = known_weak_.find(f)) return *known;
    const auto id = static_cast<std::uint32_t>(weak_.size());
    known_weak_.add(f, id);
    weak_.push_back(weak);
    return id;
}

void StateStore::restore(Id id) {
    const std::size_t size = block_bytes + 3 * std::size_t{granules_};
    const std::uint32_t* const content = &content_[id * (std::size_t{blocks_} + 1)];
    for (std::uint32_t block = 0; block < blocks_; ++block) {
        auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(content[block] * size);
        std::copy_n(from, block_bytes, restored_.cells.begin() + block * block_bytes);
        from += block_bytes;
        for (sim::Flags* flags : {&restored_.programmed, &restored_.torn, &restored_.unreadable}) {
            std::copy_n(from, granules_, flags->begin() + block * granules_);
            from += granules_;
        }
    }
    restored_.weak = weak_[content[blocks_]];
    flash_.power_on();
    flash_.set_content(restored_);
}

}  // namespace sb::prove
