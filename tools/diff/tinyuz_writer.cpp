#include "tools/diff/tinyuz_writer.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "core/delta/tinyuz.hpp"
#include "tools/diff/tinyuz_matches.hpp"

namespace sb::diff {
namespace {

/// No length is greater: decoders may count in 16 bits.
constexpr std::uint32_t longest_length = 0xffff;

/// Groups that a number takes: the first one of 2^bits numbers, each further one of 2^bits times as many.
constexpr unsigned groups(std::uint32_t number, unsigned bits) {
    unsigned count = 1;
    for (std::uint64_t size = 1ULL << bits; number >= size; size <<= bits) {
        number -= static_cast<std::uint32_t>(size);
        ++count;
    }
    return count;
}

constexpr unsigned length_bits(std::uint32_t number) {
    return groups(number, 1) * 2;
}
constexpr unsigned number_bits(std::uint32_t number) {
    return groups(number, 2) * 3;
}
constexpr unsigned distance_bits(std::uint32_t distance) {
    return 8 + (distance < TinyuzCode::one_byte ? 0 : number_bits((distance - TinyuzCode::one_byte) >> 7));
}
constexpr std::uint32_t shortest_match(std::uint32_t distance) {
    return TinyuzCode::shortest_match + (distance > TinyuzCode::near ? 1 : 0);
}

enum class Kind : std::uint8_t { data, line, match, same };

struct Item {
    Kind kind = Kind::data;
    std::uint32_t bytes = 0;
    std::uint32_t distance = 0;
};

/// Bits in bytes that are opened when their first bit comes, whole bytes in between.
class Writer {
public:
    explicit Writer(Bytes plain) : plain_(plain), packed_(4) {}

    void put(const Item& item) {
        if (item.kind == Kind::data) {
            bit(1);
            bytes(1);
        } else if (item.kind == Kind::line) {
            special(TinyuzCode::line);
            number(item.bytes - TinyuzCode::shortest_line, 2);
            bytes(item.bytes);
        } else {
            match(item);
        }
        after_data_ = item.kind < Kind::match;
    }

    std::vector<std::uint8_t> finish() {
        special(TinyuzCode::stream_end);
        store_le(MutableBytes(packed_), 0, farthest_);
        return std::move(packed_);
    }

private:
    void bit(std::uint32_t value) {
        if (bits_ == 0) {
            open_ = packed_.size();
            packed_.push_back(0);
        }
        packed_[open_] = static_cast<std::uint8_t>(packed_[open_] | value << bits_);
        bits_ = (bits_ + 1) % 8;
    }
    void number(std::uint32_t value, unsigned group_bits) {
        const unsigned count = groups(value, group_bits);
        for (unsigned i = 1; i < count; ++i) value -= 1U << group_bits * i;
        for (unsigned group = count; group-- != 0;) {
            for (unsigned i = 0; i < group_bits; ++i) bit(value >> (group * group_bits + i) & 1);
            bit(group != 0);
        }
    }
    void bytes(std::uint32_t count) {
        const Bytes stretch = plain_.subspan(at_, count);
        packed_.insert(packed_.end(), stretch.begin(), stretch.end());
        at_ += count;
    }
    void match(const Item& item) {
        bit(0);
        if (item.kind == Kind::same) {
            number(item.bytes - TinyuzCode::shortest_match, 1);
            bit(1);
        } else {
            number(item.bytes - shortest_match(item.distance), 1);
            if (after_data_) bit(0);
            const std::uint32_t beyond = item.distance - TinyuzCode::one_byte;
            const bool is_near = item.distance < TinyuzCode::one_byte;
            packed_.push_back(static_cast<std::uint8_t>(is_near ? item.distance : 0x80U | (beyond & 0x7fU)));
            if (!is_near) number(beyond >> 7, 2);
            farthest_ = std::max(farthest_, item.distance);
        }
        at_ += item.bytes;
    }
    void special(std::uint32_t code) {
        bit(0);
        number(code, 1);
        if (after_data_) bit(0);
        packed_.push_back(0);
    }

    Bytes plain_;
    std::size_t at_ = 0;
    std::vector<std::uint8_t> packed_;
    std::size_t open_ = 0;
    unsigned bits_ = 0;
    bool after_data_ = false;
    std::uint32_t farthest_ = 1;
};

/// A way to have packed the bytes up to some place.
struct Way {
    std::uint32_t bits = 0;      // all of them
    std::uint32_t distance = 1;  // of the last match
    std::uint32_t bytes = 0;     // of the last item
    Kind kind = Kind::match;     // of the last item
    std::uint8_t before = 0;     // which of the ways at the last item's start

    [[nodiscard]] bool after_data() const { return kind < Kind::match; }
};

/// Finds the cheapest way through a part of the bytes; keeps the best few ways to each place that differ in what a
/// further match can repeat.
class Part {
public:
    static constexpr std::size_t most_ways = 4;
    static constexpr std::uint32_t most_bytes = 1U << 17;
    /// Behind the start of a match of this length a few more places are looked at, then its end.
    static constexpr std::uint32_t long_match = 512, looks_on = 8;

    Part(Bytes plain, std::uint32_t from, std::uint32_t bytes, Way start)
        : plain_(plain), from_(from), bytes_(bytes), ways_((std::size_t{bytes} + 1) * most_ways), count_(bytes + 1) {
        ways_[0] = start;
        count_[0] = 1;
    }

    void run(WindowMatches& matches) {
        std::uint32_t skip_from = bytes_, skip_to = 0;
        for (std::uint32_t at = 0; at < bytes_; ++at) {
            const auto& found = matches.next();
            if (at >= skip_from && at < skip_to) {
                count_[at] = 0;
                continue;
            }
            go_on_line(at);
            if (count_[at] == 0) continue;
            const std::uint32_t reached = go_on(at, found);
            if (at < skip_to || reached < at + long_match) continue;
            skip_from = at + looks_on;
            skip_to = reached;
        }
        go_on_line(bytes_);
    }

    /// The best way to the end, place after place.
    [[nodiscard]] std::vector<Way> best_ways() const {
        const auto ways = at(bytes_);
        auto best = static_cast<std::size_t>(std::ranges::min_element(ways, {}, &Way::bits) - ways.begin());
        std::vector<Way> all;
        for (std::uint32_t end = bytes_; end != 0; end -= all.back().bytes) {
            all.push_back(ways_[end * most_ways + best]);
            best = all.back().before;
        }
        std::ranges::reverse(all);
        return all;
    }

private:
    [[nodiscard]] std::span<const Way> at(std::uint32_t place) const {
        return std::span(ways_).subspan(place * most_ways, count_[place]);
    }

    void offer(std::uint32_t place, const Way& way) {
        const auto ways = std::span(ways_).subspan(place * most_ways, count_[place]);
        Way* worst = nullptr;
        for (Way& w : ways) {
            if (w.distance == way.distance && w.after_data() == way.after_data()) {
                if (way.bits < w.bits) w = way;
                return;
            }
            if (worst == nullptr || w.bits > worst->bits) worst = &w;
        }
        if (count_[place] < most_ways)
            ways_[place * most_ways + count_[place]++] = way;
        else if (way.bits < worst->bits)
            *worst = way;
    }

    /// Which of the ways at `place` is best to begin anything but a repetition with, and its bits.
    [[nodiscard]] std::pair<std::uint8_t, std::uint32_t> best(std::uint32_t place) const {
        std::pair<std::uint8_t, std::uint32_t> chosen{0, ~0U};
        const auto ways = at(place);
        for (std::size_t i = 0; i < ways.size(); ++i) {
            const std::uint32_t bits = ways[i].bits + ways[i].after_data();
            if (bits < chosen.second) chosen = {static_cast<std::uint8_t>(i), bits};
        }
        return chosen;
    }

    [[nodiscard]] std::uint32_t line_bits(std::uint32_t start, std::uint32_t end) const {
        const std::uint32_t bytes = end - start;
        return best(start).second + 1 + length_bits(TinyuzCode::line) + 8 +
               number_bits(bytes - TinyuzCode::shortest_line) + 8 * bytes;
    }

    /// Ends a line of plain bytes at `place`: the one that was best so far, or one of the shortest length.
    void go_on_line(std::uint32_t place) {
        if (has_line_ && place - line_from_ > longest_length) has_line_ = false;
        if (place < TinyuzCode::shortest_line) return;
        const std::uint32_t start = place - TinyuzCode::shortest_line;
        if (count_[start] != 0 && (!has_line_ || line_bits(start, place) <= line_bits(line_from_, place))) {
            has_line_ = true;
            line_from_ = start;
        }
        if (!has_line_) return;
        const std::uint8_t before = best(line_from_).first;
        offer(place, {line_bits(line_from_, place), ways_[line_from_ * most_ways + before].distance, place - line_from_,
                      Kind::line, before});
    }

    /// All that can follow at `place`. Returns how far the longest match goes.
    std::uint32_t go_on(std::uint32_t place, const std::vector<WindowMatch>& found) {
        const std::uint32_t limit = std::min(longest_length, bytes_ - place);
        std::uint32_t longest = 0;
        for (std::size_t i = 0; i < count_[place]; ++i) {
            const Way way = ways_[place * most_ways + i];
            const auto before = static_cast<std::uint8_t>(i);
            offer(place + 1, {way.bits + 9, way.distance, 1, Kind::data, before});
            if (!way.after_data()) continue;
            const std::uint32_t here = from_ + place;
            const std::uint32_t bytes = agreement(plain_, here - way.distance, here, limit);
            longest = std::max(longest, bytes);
            match(place, bytes, {way.bits + 2, way.distance, 0, Kind::same, before}, TinyuzCode::shortest_match, 0);
        }
        const auto [before, bits] = best(place);
        std::uint32_t nearer = 0;  // bytes that a nearer match gives for less
        for (const WindowMatch& m : found) {
            const std::uint32_t here = from_ + place;
            const std::uint32_t bytes =
                m.bytes < long_match ? std::min(m.bytes, limit) : agreement(plain_, here - m.distance, here, limit);
            longest = std::max(longest, bytes);
            match(place, bytes, {bits + 1 + distance_bits(m.distance), m.distance, 0, Kind::match, before},
                  shortest_match(m.distance), nearer);
            nearer = bytes;
        }
        return place + longest;
    }

    /// Matches of more than `nearer` and up to `bytes`; of long ones only those whose length is cheap for what it is.
    void match(std::uint32_t place, std::uint32_t bytes, Way way, std::uint32_t shortest, std::uint32_t nearer) {
        constexpr std::uint32_t each_length = 16;
        const std::uint32_t bits = way.bits;
        for (std::uint32_t length = std::max(shortest, nearer); length <= bytes;) {
            way.bits = bits + length_bits(length - shortest);
            way.bytes = length;
            offer(place + length, way);
            const std::uint32_t with_same_bits = shortest + std::bit_ceil(length - shortest + 4) - 3;
            length = length < each_length || length == bytes ? length + 1 : std::min(bytes, with_same_bits);
        }
    }

    Bytes plain_;
    std::uint32_t from_, bytes_;
    std::vector<Way> ways_;
    std::vector<std::uint8_t> count_;
    bool has_line_ = false;
    std::uint32_t line_from_ = 0;
};

}  // namespace

std::vector<std::uint8_t> write_tinyuz(Bytes plain, std::uint32_t dictionary_bytes, std::vector<TinyuzItem>* items) {
    if (plain.size() >> 32 != 0) throw std::length_error("more than tinyuz packs");
    WindowMatches matches(plain, dictionary_bytes, Part::long_match);
    Writer writer(plain);
    Way last;
    for (std::size_t from = 0; from < plain.size(); from += Part::most_bytes) {
        const auto bytes = static_cast<std::uint32_t>(std::min<std::size_t>(Part::most_bytes, plain.size() - from));
        last.bits = 0;
        Part part(plain, static_cast<std::uint32_t>(from), bytes, last);
        part.run(matches);
        std::uint32_t bits = 0;
        for (const Way& way : part.best_ways()) {
            writer.put({way.kind, way.bytes, way.distance});
            if (items != nullptr) items->push_back({way.bytes, way.bits - bits});
            bits = way.bits;
            last = way;
        }
    }
    return writer.finish();
}

}  // namespace sb::diff
