#include "sim/flash/nor_flash.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sb::sim {

namespace {

// What an unreadable granule delivers: a value that no caller may mistake for data.
constexpr std::uint8_t garbage = 0xA5;

}  // namespace

NorFlash::NorFlash(const Geometry& geometry, std::vector<EraseRun> erase_map, std::uint64_t seed)
    : geometry_(geometry), erase_map_(std::move(erase_map)), random_(seed) {
    std::uint32_t bytes = 0;
    std::size_t units = 0;
    for (const EraseRun& run : erase_map_) {
        bytes += run.units * run.unit_bytes;
        units += run.units;
    }
    geometry_.erase_map = erase_map_;
    if (geometry_.bytes == 0) geometry_.bytes = bytes;
    content_.cells.assign(geometry_.bytes, geometry_.erased);
    const std::size_t granules = (geometry_.bytes + geometry_.granule - 1) / geometry_.granule;
    content_.programmed.assign(granules, 0);
    content_.torn.assign(granules, 0);
    content_.unreadable.assign(granules, 0);
    content_.erase_counts.assign(units, 0);
    content_fingerprint_ = ContentFingerprint(geometry_.granule);
}

// splitmix64: seeded in one store, and every seed is as good as any other.
std::uint64_t NorFlash::random() {
    random_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = random_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

bool NorFlash::in_range(std::uint32_t offset, std::size_t length) const {
    return offset <= geometry_.bytes && length <= geometry_.bytes - offset;
}

std::unexpected<Error> NorFlash::broken_rule(const std::string& what) {
    ++rule_breaks_;
    if (traces_) trace_ = fingerprint(rule_breaks_, trace_);
    last_rule_break_ = what;
    return fail(Error::io);
}

void NorFlash::mark(Flags& flags, std::uint32_t offset, std::uint32_t bytes, bool value) const {
    const auto first = offset / geometry_.granule;
    const auto last = (offset + bytes + geometry_.granule - 1) / geometry_.granule;
    std::fill(flags.begin() + first, flags.begin() + last, static_cast<std::uint8_t>(value));
}

std::uint8_t NorFlash::burn(std::uint8_t cell, std::uint8_t data) const {
    // Programming moves bits away from the erased value only: 1 to 0, or 0 to 1 where a blank byte reads 00.
    const std::uint8_t flip = static_cast<std::uint8_t>(~geometry_.erased);
    return static_cast<std::uint8_t>(((cell ^ flip) & (data ^ flip)) ^ flip);
}

// ---- weak ranges -------------------------------------------------------------------------------------------------

NorFlash::WeakMap::iterator NorFlash::first_weak(std::uint32_t offset, std::uint32_t end) {
    auto range = content_.weak.upper_bound(offset);
    if (range != content_.weak.begin()) {
        const auto before = std::prev(range);
        if (before->first + before->second.was.size() > offset) range = before;
    }
    return range != content_.weak.end() && range->first < end ? range : content_.weak.end();
}

void NorFlash::split_weak(std::uint32_t at) {
    const auto range = first_weak(at, at + 1);
    if (range == content_.weak.end() || range->first >= at) return;
    auto& head = range->second;
    const auto cut = static_cast<std::ptrdiff_t>(at - range->first);
    FlashContent::Weak tail{{head.was.begin() + cut, head.was.end()},
                            {head.became.begin() + cut, head.became.end()},
                            head.reads,
                            head.flip};
    head.was.resize(static_cast<std::size_t>(cut));
    head.became.resize(static_cast<std::size_t>(cut));
    content_.weak.emplace(at, std::move(tail));
}

void NorFlash::drop_weak(std::uint32_t offset, std::uint32_t end) {
    if (content_.weak.empty()) return;
    split_weak(offset);
    split_weak(end);
    content_.weak.erase(content_.weak.lower_bound(offset), content_.weak.lower_bound(end));
}

void NorFlash::add_weak(std::uint32_t offset, Bytes was, Bytes became) {
    const auto end = offset + static_cast<std::uint32_t>(was.size());
    drop_weak(offset, end);
    content_.weak[offset] = {
        {was.begin(), was.end()}, {became.begin(), became.end()}, cut_ ? cut_->weak_reads : WeakReads::random, false};
}

void NorFlash::read_weak(WeakMap::iterator range, std::uint32_t offset, MutableBytes out,
                         std::vector<std::uint32_t>& bad) {
    auto& weak = range->second;
    WeakReads how = on_weak_read ? on_weak_read(range->first) : weak.reads;
    if (how == WeakReads::fading) how = weak.flip ? WeakReads::all_new : WeakReads::all_old;
    if (how == WeakReads::alternating) {
        how = weak.flip ? WeakReads::all_new : WeakReads::all_old;
        weak.flip = !weak.flip;
    }
    const std::uint32_t from = std::max(offset, range->first);
    const std::uint32_t to = std::min(offset + static_cast<std::uint32_t>(out.size()),
                                      range->first + static_cast<std::uint32_t>(weak.was.size()));
    // Random: a quarter of the reads is all old, a quarter all new; the rest mixes bit by bit (ECC: by granule).
    std::uint64_t dice = random();
    if (how == WeakReads::random && (dice & 3U) == 0) how = WeakReads::all_old;
    if (how == WeakReads::random && (dice & 3U) == 1) how = WeakReads::all_new;
    std::uint32_t granule = ~0U;
    for (std::uint32_t at = from; at < to; ++at) {
        const std::uint8_t was = weak.was[at - range->first];
        const std::uint8_t became = weak.became[at - range->first];
        std::uint8_t value = how == WeakReads::all_old ? was : became;
        if (how == WeakReads::random) {
            if (!geometry_.ecc) {
                if (at % 8 == 0 || at == from) dice = random();
                const auto mask = static_cast<std::uint8_t>(dice >> (at % 8 * 8));
                value = static_cast<std::uint8_t>((was & mask) | (became & ~mask));
            } else {
                if (at / geometry_.granule != granule) dice = random();
                value = (dice & 1U) != 0 ? was : became;
                if ((dice & 6U) == 0 && at / geometry_.granule != granule) bad.push_back(at / geometry_.granule);
            }
        }
        granule = at / geometry_.granule;
        out[at - offset] = value;
    }
}

// ---- reading -----------------------------------------------------------------------------------------------------

bool NorFlash::observe(std::uint32_t offset, MutableBytes out, bool blank_is_bad) {
    const auto end = offset + static_cast<std::uint32_t>(out.size());
    note_look(offset, out.size());
    std::copy_n(content_.cells.begin() + offset, out.size(), out.begin());
    std::vector<std::uint32_t> bad;
    if (!content_.weak.empty()) {
        for (auto range = first_weak(offset, end); range != content_.weak.end() && range->first < end; ++range)
            read_weak(range, offset, out, bad);
    }
    if (out.empty() || (!any_unreadable_ && !blank_is_bad && bad.empty())) return true;
    for (std::uint32_t g = offset / geometry_.granule; g <= (end - 1) / geometry_.granule; ++g) {
        bool broken = content_.unreadable[g] != 0 || (blank_is_bad && content_.programmed[g] == 0);
        broken = broken || std::find(bad.begin(), bad.end(), g) != bad.end();
        if (!broken) continue;
        const std::uint32_t from = std::max(g * geometry_.granule, offset);
        const std::uint32_t to = std::min((g + 1) * geometry_.granule, end);
        std::fill_n(out.begin() + (from - offset), to - from, garbage);
        bad.push_back(g);
    }
    return bad.empty();
}

Result<void> NorFlash::read(std::uint32_t offset, MutableBytes out) {
    if (!powered_) return fail(Error::power_lost);
    if (!in_range(offset, out.size())) return fail(Error::out_of_range);
    const bool readable = observe(offset, out, !geometry_.erased_readable);
    note_answer(offset, out, readable);
    if (!readable) return fail(Error::unreadable);
    return {};
}

Result<bool> NorFlash::is_blank(std::uint32_t offset, std::uint32_t length) {
    if (!powered_) return fail(Error::power_lost);
    if (!in_range(offset, length)) return fail(Error::out_of_range);
    // The controller's blank check sees cells, not ECC: a granule that is blank is blank on every part.
    std::array<std::uint8_t, 256> buffer{};
    while (length > 0) {
        const std::uint32_t n = std::min<std::uint32_t>(length, buffer.size());
        const MutableBytes part = MutableBytes(buffer).first(n);
        const bool readable = observe(offset, part, false);
        note_answer(offset, part, readable);
        if (!readable) return false;
        if (std::any_of(part.begin(), part.end(), [&](std::uint8_t b) { return b != geometry_.erased; })) return false;
        offset += n;
        length -= n;
    }
    return true;
}

// ---- operations --------------------------------------------------------------------------------------------------

bool NorFlash::strikes() {
    return cut_ && --cut_countdown_ == 0;
}

/// Tells those who watch; whether there is still power afterwards.
bool NorFlash::announce(std::uint32_t offset, std::uint32_t bytes, Bytes data) const {
    if (on_operation) on_operation(offset, bytes, data.empty());
    if (on_change) on_change(offset, data);
    return powered_;
}

void NorFlash::before_change(std::uint32_t offset, std::uint32_t bytes) {
    if (traces_) trace_ = fingerprint(offset, trace_);  // that an operation came back is something a program knows, too
    if (remembers_) undo_.save(content_, geometry_.granule, offset, bytes);
    content_fingerprint_.touch(offset, bytes);
}

bool NorFlash::may_program(std::uint32_t offset, Bytes data) const {
    const std::uint32_t granule = geometry_.granule;
    const auto first = content_.programmed.begin() + offset / granule;
    const auto last = first + static_cast<std::ptrdiff_t>(data.size() / granule);
    if (std::find(first, last, 1) == last) return true;
    for (std::uint32_t at = 0; at < data.size(); at += granule) {
        const std::size_t g = (offset + at) / granule;
        if (content_.programmed[g] == 0) continue;
        if (!geometry_.reprogram_same || geometry_.ecc) return false;
        // Same bytes again: a solid granule must hold exactly them, a torn one nothing beyond them.
        for (std::uint32_t i = at; i < at + granule; ++i) {
            const std::uint8_t cell = content_.cells[offset + i];
            if (content_.torn[g] != 0 ? burn(cell, data[i]) != data[i] : cell != data[i]) return false;
        }
    }
    return true;
}

Result<void> NorFlash::program(std::uint32_t offset, Bytes data) {
    if (!powered_) return fail(Error::power_lost);
    if (!in_range(offset, data.size())) return fail(Error::out_of_range);
    if (offset % geometry_.granule != 0 || data.size() % geometry_.granule != 0) {
        ++rule_breaks_;
        last_rule_break_ = "unaligned program at " + std::to_string(offset);
        return fail(Error::unaligned);
    }
    if (data.empty()) return {};
    if (const auto* const locked = locked_in(offset, data.size())) return broken_lock("program", offset, *locked);
    note_look(offset, data.size());
    if (!may_program(offset, data)) return broken_rule("program over what is not erased at " + std::to_string(offset));
    if (!announce(offset, static_cast<std::uint32_t>(data.size()), data)) return fail(Error::power_lost);
    before_change(offset, static_cast<std::uint32_t>(data.size()));
    ++content_.programs;
    content_.programmed_bytes += data.size();
    if (strikes()) {
        tear_program(offset, data);
        powered_ = false;
        return fail(Error::power_lost);
    }
    finish_program(offset, data);
    return {};
}

/// As burn(), a range at once: most of what a simulator does to cells, so without a look at anything else in between.
void NorFlash::burn_all(MutableBytes cells, Bytes data) const {
    std::uint8_t* const cell = cells.data();
    const std::uint8_t* const to = data.data();
    const std::size_t bytes = data.size();
    if (geometry_.erased == 0xFF) {
        for (std::size_t i = 0; i < bytes; ++i) cell[i] &= to[i];
    } else if (geometry_.erased == 0x00) {
        for (std::size_t i = 0; i < bytes; ++i) cell[i] |= to[i];
    } else {
        for (std::size_t i = 0; i < bytes; ++i) cell[i] = burn(cell[i], to[i]);
    }
}

void NorFlash::finish_program(std::uint32_t offset, Bytes data) {
    const auto length = static_cast<std::uint32_t>(data.size());
    mark(content_.programmed, offset, length, true);
    mark(content_.torn, offset, length, false);
    burn_all(MutableBytes(content_.cells).subspan(offset, length), data);
    if (content_.weak.empty()) return;
    // Cells that a cut erase left weak stay so where this program leaves them alone.
    const std::uint32_t end = offset + length;
    for (auto range = first_weak(offset, end); range != content_.weak.end() && range->first < end;) {
        auto& weak = range->second;
        for (std::uint32_t i = 0; i < weak.was.size(); ++i) {
            const std::uint32_t at = range->first + i;
            if (at < offset || at >= end) continue;
            weak.was[i] = burn(weak.was[i], data[at - offset]);
            weak.became[i] = burn(weak.became[i], data[at - offset]);
        }
        range = weak.was == weak.became ? content_.weak.erase(range) : std::next(range);
    }
}

void NorFlash::tear_bits(std::uint32_t offset, Bytes data) {
    for (std::uint32_t i = 0; i < data.size(); ++i) {
        const auto skipped = static_cast<std::uint8_t>(random());
        const auto part = static_cast<std::uint8_t>((data[i] & ~skipped) | (geometry_.erased & skipped));
        content_.cells[offset + i] = burn(content_.cells[offset + i], part);
    }
    const auto length = static_cast<std::uint32_t>(data.size());
    mark(content_.programmed, offset, length, true);
    mark(content_.torn, offset, length, true);
    if (geometry_.ecc) {
        mark(content_.unreadable, offset, length, true);
        any_unreadable_ = true;
    }
}

void NorFlash::tear_program(std::uint32_t offset, Bytes data) {
    random_ = cut_->seed;
    const auto length = static_cast<std::uint32_t>(data.size());
    const std::vector<std::uint8_t> before(content_.cells.begin() + offset, content_.cells.begin() + offset + length);
    switch (cut_->outcome) {
        case Torn::nothing:
            return;
        case Torn::complete:
            finish_program(offset, data);
            return;
        case Torn::partial:
        case Torn::zeroed: {
            if (cut_->seed % 2 == 0) return tear_bits(offset, data);
            const std::uint32_t granules = length / geometry_.granule;
            const std::uint32_t whole = static_cast<std::uint32_t>(random() % granules) * geometry_.granule;
            finish_program(offset, data.first(whole));
            return tear_bits(offset + whole, data.subspan(whole, geometry_.granule));
        }
        case Torn::blank_weak:
        case Torn::complete_weak:
            break;
    }
    // Weak on top of weak: a bit may still read as either of what it might have read before.
    std::vector<std::uint8_t> was = before;
    std::vector<std::uint8_t> became = before;
    const std::uint32_t end = offset + length;
    for (auto range = first_weak(offset, end); range != content_.weak.end() && range->first < end; ++range) {
        for (std::uint32_t i = 0; i < range->second.was.size(); ++i) {
            const std::uint32_t at = range->first + i;
            if (at < offset || at >= end) continue;
            const std::uint8_t a = range->second.was[i];
            const std::uint8_t b = range->second.became[i];
            became[at - offset] = burn(a, b);
            was[at - offset] = static_cast<std::uint8_t>(a ^ b ^ burn(a, b));  // the more erased of the two, bit by bit
        }
    }
    for (std::uint32_t i = 0; i < length; ++i) became[i] = burn(became[i], data[i]);
    mark(content_.programmed, offset, length, true);
    mark(content_.torn, offset, length, true);
    if (cut_->outcome == Torn::complete_weak) {
        for (std::uint32_t i = 0; i < length; ++i)
            content_.cells[offset + i] = burn(content_.cells[offset + i], data[i]);
    }
    add_weak(offset, was, became);
}

Result<void> NorFlash::erase(std::uint32_t offset) {
    if (!powered_) return fail(Error::power_lost);
    if (!in_range(offset, 1)) return fail(Error::out_of_range);
    const EraseUnit unit = geometry_.unit_at(offset);
    if (unit.bytes == 0 || unit.offset != offset) {
        ++rule_breaks_;
        last_rule_break_ = "erase inside a unit at " + std::to_string(offset);
        return fail(Error::unaligned);
    }
    if (const auto* const locked = locked_in(offset, unit.bytes)) return broken_lock("erase", offset, *locked);
    if (!announce(unit.offset, unit.bytes, {})) return fail(Error::power_lost);
    before_change(unit.offset, unit.bytes);
    ++content_.erases;
    ++content_.erase_counts[unit_index(offset)];
    if (remembers_) undo_.save_wear(unit_index(offset));
    if (strikes()) {
        tear_erase(unit);
        powered_ = false;
        return fail(Error::power_lost);
    }
    finish_erase(unit);
    const bool all = watched_.bytes != 0 && watched_.offset >= unit.offset &&
                     watched_.offset + watched_.bytes <= unit.offset + unit.bytes;
    if (all)
        watched_ = {.erased = true};
    else
        note_look(unit.offset, unit.bytes);
    return {};
}

void NorFlash::finish_erase(const EraseUnit& unit) {
    drop_weak(unit.offset, unit.offset + unit.bytes);
    std::fill_n(content_.cells.begin() + unit.offset, unit.bytes, geometry_.erased);
    mark(content_.programmed, unit.offset, unit.bytes, false);
    mark(content_.torn, unit.offset, unit.bytes, false);
    mark(content_.unreadable, unit.offset, unit.bytes, false);
}

void NorFlash::mix_erase(const EraseUnit& unit) {
    // Odd seeds: the front of the unit is done and the rest is not; even ones: every byte for itself.
    const auto zero = static_cast<std::uint8_t>(~geometry_.erased);
    const std::uint32_t front = static_cast<std::uint32_t>(random() % unit.bytes);
    for (std::uint32_t i = 0; i < unit.bytes; ++i) {
        std::uint8_t& cell = content_.cells[unit.offset + i];
        const std::uint64_t dice = cut_->seed % 2 != 0 ? (i < front ? 0U : 3U) : random();
        switch (dice & 3U) {
            case 0:
                cell = geometry_.erased;
                break;
            case 1:
                cell = zero;
                break;
            case 2:
                cell = static_cast<std::uint8_t>(cell ^ ((cell ^ geometry_.erased) & (dice >> 8)));
                break;
            default:
                break;
        }
    }
}

// After a torn erase: a granule counts as programmed unless it reads blank; on an ECC part it may be unreadable.
void NorFlash::settle_blankness(const EraseUnit& unit) {
    for (std::uint32_t at = 0; at < unit.bytes; at += geometry_.granule) {
        const auto first = content_.cells.begin() + unit.offset + at;
        const bool blank =
            std::all_of(first, first + geometry_.granule, [&](std::uint8_t b) { return b == geometry_.erased; });
        const std::size_t g = (unit.offset + at) / geometry_.granule;
        content_.programmed[g] = !blank;
        content_.torn[g] = false;
        content_.unreadable[g] = geometry_.ecc && !blank;
    }
    any_unreadable_ = any_unreadable_ || geometry_.ecc;
}

void NorFlash::tear_erase(const EraseUnit& unit) {
    random_ = cut_->seed;
    switch (cut_->outcome) {
        case Torn::nothing:
            return;
        case Torn::complete:
            return finish_erase(unit);
        case Torn::zeroed:
            drop_weak(unit.offset, unit.offset + unit.bytes);
            std::fill_n(content_.cells.begin() + unit.offset, unit.bytes, static_cast<std::uint8_t>(~geometry_.erased));
            return settle_blankness(unit);
        case Torn::partial:
            drop_weak(unit.offset, unit.offset + unit.bytes);
            mix_erase(unit);
            return settle_blankness(unit);
        case Torn::blank_weak:
        case Torn::complete_weak: {
            // The old content may come back in whole or in part. Weak content below keeps its least erased reading.
            std::vector<std::uint8_t> was(content_.cells.begin() + unit.offset,
                                          content_.cells.begin() + unit.offset + unit.bytes);
            const std::uint32_t end = unit.offset + unit.bytes;
            for (auto range = first_weak(unit.offset, end); range != content_.weak.end() && range->first < end;
                 ++range) {
                for (std::uint32_t i = 0; i < range->second.was.size(); ++i) {
                    const std::uint32_t at = range->first + i;
                    if (at >= unit.offset && at < end)
                        was[at - unit.offset] = burn(range->second.was[i], range->second.became[i]);
                }
            }
            const std::vector<std::uint8_t> blank(unit.bytes, geometry_.erased);
            finish_erase(unit);
            add_weak(unit.offset, was, blank);
            return;
        }
    }
}

// ---- power and content -------------------------------------------------------------------------------------------

void NorFlash::arm(const PowerCut& cut) {
    cut_ = cut;
    cut_countdown_ = cut.at_operation;
}

void NorFlash::power_on() {
    powered_ = true;
    cut_.reset();
    unlock();
}

void NorFlash::cycle_power() {
    for (auto& [offset, weak] : content_.weak)
        if (weak.reads == WeakReads::fading) weak.flip = !weak.flip;
    power_on();
}

void NorFlash::set_content(FlashContent content) {
    content_ = std::move(content);
    undo_.clear();
    remembers_ = false;
    content_fingerprint_.forget();
    any_unreadable_ = std::find(content_.unreadable.begin(), content_.unreadable.end(), 1) != content_.unreadable.end();
}

}  // namespace sb::sim
