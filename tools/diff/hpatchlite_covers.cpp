#include "tools/diff/hpatchlite_covers.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace sb::diff {
namespace {

constexpr std::uint32_t none = ~0U;

/// Covers that end one after another, the last one first.
struct Link {
    Cover cover;
    std::uint32_t before = none;
};

/// A diagonal on which the new image may go on.
struct Lane {
    std::size_t diagonal = 0;
    double bits = 0;  // of all up to here
    std::size_t new_at = 0;
    std::uint32_t before = none;  // the covers before this one
    bool changed = false;         // it has bytes that differ
    bool just_changed = false;    // the last one does
};

class CoverPath {
public:
    CoverPath(Bytes old, Bytes new_image, MatchTable& matches, std::span<const float> carried_bits,
              const CoverPrices& prices)
        : old_(old), new_(new_image), matches_(matches), carried_bits_(carried_bits), prices_(prices) {}

    Covers run() {
        for (at_ = 0; at_ < new_.size(); ++at_) {
            end_best_lane();
            open_lanes();
            step();
        }
        end_best_lane();
        Covers covers;
        for (std::uint32_t link = gap_link_; link != none; link = links_[link].before)
            covers.push_back(links_[link].cover);
        std::ranges::reverse(covers);
        return covers;
    }

private:
    static constexpr std::size_t most_lanes = 16;
    static constexpr std::size_t recent_lanes = 8;
    static constexpr std::size_t shortest_match = 4;
    static constexpr std::size_t long_match = 2048;
    static constexpr std::size_t sure_bytes = 32;

    [[nodiscard]] bool agrees(std::size_t diagonal, std::size_t at) const {
        const std::size_t old_at = at + diagonal;
        return old_at < old_.size() && old_[old_at] == new_[at];
    }
    [[nodiscard]] bool agrees_for(std::size_t diagonal, std::size_t bytes) const {
        const std::size_t old_at = at_ + diagonal;
        return old_at < old_.size() && bytes <= old_.size() - old_at && bytes <= new_.size() - at_ &&
               std::memcmp(old_.data() + old_at, new_.data() + at_, bytes) == 0;
    }

    /// A cover may end wherever that is cheaper than what came without it.
    void end_best_lane() {
        best_lane_ = nullptr;
        for (Lane& lane : lanes_)
            if (best_lane_ == nullptr || lane.bits < best_lane_->bits) best_lane_ = &lane;
        if (best_lane_ == nullptr || best_lane_->bits >= gap_bits_) return;
        gap_bits_ = best_lane_->bits;
        const Cover cover{best_lane_->new_at, best_lane_->new_at + best_lane_->diagonal, at_ - best_lane_->new_at};
        // the lane that has been the best one at the last place too needs no link of its own unless one was used
        if (gap_link_ != none && !gap_link_used_ && gap_link_ + 1 == links_.size()) links_.pop_back();
        links_.push_back({cover, best_lane_->before});
        gap_link_ = static_cast<std::uint32_t>(links_.size() - 1);
        gap_link_used_ = false;
    }

    void open_lanes() {
        if (best_lane_ != nullptr && best_lane_->bits <= gap_bits_ && agrees_for(best_lane_->diagonal, sure_bytes))
            return;
        if (at_ >= looked_to_) {
            const Match match = matches_.at(at_);
            if (match.bytes >= shortest_match) open_lane(match.old_at - at_);
            // to look up long matches takes long, and the next places have much the same
            if (match.bytes >= long_match) looked_to_ = at_ + match.bytes / 2;
        }
        for (const std::size_t diagonal : recent_)
            if (agrees_for(diagonal, shortest_match)) open_lane(diagonal);
    }

    void open_lane(std::size_t diagonal) {
        const double bits = gap_bits_ + prices_.cover + prices_.place_byte * place_bytes(diagonal);
        Lane* lane = nullptr;
        for (Lane& l : lanes_)
            if (l.diagonal == diagonal) lane = &l;
        if (lane == nullptr && lanes_.size() == most_lanes) {
            lane = &*std::ranges::max_element(lanes_, {}, &Lane::bits);
            best_lane_ = nullptr;
        }
        if (lane == nullptr) {
            lanes_.push_back({});
            lane = &lanes_.back();
        } else if (lane->bits <= bits) {
            return;
        }
        *lane = {diagonal, bits, at_, gap_link_, false, false};
        gap_link_used_ = true;
        if (std::ranges::find(recent_, diagonal) == recent_.end()) {
            recent_[next_recent_] = diagonal;
            next_recent_ = (next_recent_ + 1) % recent_lanes;
        }
    }

    /// Bytes that say where a cover on `diagonal` is, after the last one.
    [[nodiscard]] double place_bytes(std::size_t diagonal) const {
        const std::size_t last_end = gap_link_ == none ? 0 : links_[gap_link_].cover.old_end();
        const std::size_t old_at = at_ + diagonal;
        std::size_t distance = old_at >= last_end ? old_at - last_end : last_end - old_at;
        double bytes = 1;
        for (distance >>= 5; distance != 0; distance >>= 7) ++bytes;
        return bytes;
    }

    void step() {
        for (Lane& lane : lanes_) {
            if (agrees(lane.diagonal, at_)) {
                lane.just_changed = false;
            } else if (at_ + lane.diagonal < old_.size()) {
                const auto difference = static_cast<std::uint8_t>(new_[at_] - old_[at_ + lane.diagonal]);
                lane.bits += static_cast<double>(prices_.changed[lane.just_changed][difference]);
                if (!lane.changed) lane.bits += prices_.first_changed;
                lane.changed = lane.just_changed = true;
            } else {
                lane.bits = std::numeric_limits<double>::infinity();
            }
        }
        gap_bits_ += static_cast<double>(carried_bits_[at_]) * prices_.carried;
        // a lane that a new cover would overtake at once is of no use any more
        double least = gap_bits_;
        for (const Lane& lane : lanes_) least = std::min(least, lane.bits);
        std::erase_if(lanes_,
                      [&](const Lane& lane) { return lane.bits > least + prices_.cover + 4 * prices_.place_byte; });
    }

    Bytes old_, new_;
    MatchTable& matches_;
    std::span<const float> carried_bits_;
    const CoverPrices& prices_;

    std::size_t at_ = 0;
    std::size_t looked_to_ = 0;
    std::vector<Lane> lanes_;
    Lane* best_lane_ = nullptr;
    double gap_bits_ = 0;
    std::uint32_t gap_link_ = none;
    bool gap_link_used_ = false;
    std::vector<Link> links_;
    std::array<std::size_t, recent_lanes> recent_{};
    std::size_t next_recent_ = 0;
};

/// Spreads the bits of a packed stream over what they are for.
class Account {
public:
    Account(Bytes stream, const Covers& covers, std::span<const CoverText> texts, std::span<const float> carried_bits)
        : stream_(stream), covers_(covers), texts_(texts), carried_bits_(carried_bits) {}

    void add(const TinyuzItem& item) {
        const double share = static_cast<double>(item.bits) / item.bytes;
        const std::size_t first_cover = cover_;
        std::size_t changed = 0, same = 0;
        for (std::size_t at = at_; at < at_ + item.bytes; ++at) {
            go_to(at);
            if (at < texts_[cover_].gap_at) {
                control_ += share;
            } else if (at < texts_[cover_].differences_at) {
                gap_ += share;
                gap_alone_ += static_cast<double>(carried_bits_[gap_new_at(at)]);
            } else {
                ++(stream_[at] != 0 ? changed : same);
            }
        }
        const double all = share * static_cast<double>(changed + same);
        if (changed == 0) {
            // what stays the same is paid for by the change before it
            (last_changed_ == nullptr ? first_ : *last_changed_) += all;
        } else {
            cover_ = first_cover;
            for (std::size_t at = at_; at < at_ + item.bytes; ++at) {
                go_to(at);
                if (at < texts_[cover_].differences_at || stream_[at] == 0) continue;
                const bool after_change = at > texts_[cover_].differences_at && stream_[at - 1] != 0;
                last_changed_ = &sum_[after_change][stream_[at]];
                *last_changed_ += all / static_cast<double>(changed);
                ++count_[after_change][stream_[at]];
            }
        }
        at_ += item.bytes;
    }

    [[nodiscard]] CoverPrices prices() const {
        CoverPrices p;
        double places = 0, with_differences = 0;
        for (const CoverText& text : texts_) {
            places += static_cast<double>(text.gap_at - text.at);
            with_differences += text.end != text.differences_at;
        }
        p.place_byte = std::clamp(control_ / (places + 1), 4.0, 9.0);
        p.cover = p.place_byte * 2.5;
        p.first_changed = (first_ + 12) / (with_differences + 1);
        p.carried = gap_alone_ == 0 ? 1 : std::clamp(gap_ / gap_alone_, 0.7, 1.5);
        constexpr std::array<double, 2> unseen{18, 10};
        constexpr double weight = 2;
        for (const std::size_t after : {0U, 1U})
            for (std::size_t value = 0; value < 256; ++value)
                p.changed[after][value] =
                    static_cast<float>((sum_[after][value] + weight * unseen[after]) / (count_[after][value] + weight));
        return p;
    }

private:
    void go_to(std::size_t at) {
        while (at >= texts_[cover_].end) {
            ++cover_;
            last_changed_ = nullptr;
        }
    }
    [[nodiscard]] std::size_t gap_new_at(std::size_t at) const {
        const std::size_t end = cover_ < covers_.size() ? covers_[cover_].new_at : carried_bits_.size();
        return end - (texts_[cover_].differences_at - at);
    }

    Bytes stream_;
    const Covers& covers_;
    std::span<const CoverText> texts_;
    std::span<const float> carried_bits_;
    std::size_t at_ = 0, cover_ = 0;
    double control_ = 0, gap_ = 0, gap_alone_ = 0, first_ = 0;
    double* last_changed_ = nullptr;
    std::array<std::array<double, 256>, 2> sum_{}, count_{};
};

}  // namespace

std::vector<float> prices_alone(Bytes new_image, std::uint32_t dictionary_bytes) {
    std::vector<TinyuzItem> items;
    (void)write_tinyuz(new_image, dictionary_bytes, &items);
    std::vector<float> bits;
    for (const TinyuzItem& item : items)
        bits.insert(bits.end(), item.bytes, static_cast<float>(item.bits) / static_cast<float>(item.bytes));
    return bits;
}

CoverPrices learn_prices(Bytes stream, const Covers& covers, std::span<const CoverText> texts,
                         std::span<const TinyuzItem> items, std::span<const float> carried_bits) {
    Account account(stream, covers, texts, carried_bits);
    for (const TinyuzItem& item : items) account.add(item);
    return account.prices();
}

Covers cheapest_covers(Bytes old, Bytes new_image, MatchTable& matches, std::span<const float> carried_bits,
                       const CoverPrices& prices) {
    return CoverPath(old, new_image, matches, carried_bits, prices).run();
}

}  // namespace sb::diff
