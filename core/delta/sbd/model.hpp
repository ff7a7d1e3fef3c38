// core/delta/sbd: how one byte of the new image is coded. A source pointer walks through old image ++ new image; the
// byte under it, or the address field rewritten there, is the prediction. Decisions:
//
//   hit?  ── yes: the byte is as predicted
//     └ no: jump? ── yes: the pointer goes elsewhere, and the new prediction is asked about once more
//             └ no: is it the other candidate (the byte unchanged, or changed as the last of its class)?
//                     └ no: eight bits
//
// Encoder and decoder run this same code; they differ in the coder (wanted.hpp).
#pragma once

#include "core/delta/sbd/mixer.hpp"
#include "core/delta/sbd/number.hpp"
#include "core/delta/sbd/walker.hpp"

namespace sb::sbd {

struct Pace {
    std::uint32_t block_bytes = 0;  ///< one decision for so many bytes (a power of two) in a long run of hits; 0: none
    std::uint32_t block_run = 32;   ///< from so many hits on
};

template <class Coder, class Source, class Fields>
class Model {
public:
    Model(Coder& coder, Source& source, const Ground& ground, Tables& tables, const Pace& pace)
        : coder_(coder), here_{source, ground, tables, 0, 0}, pace_(pace) {}

    /// Starts a segment at `new_at`: nothing that was learned counts. `from`: where the pointer shall stand.
    void begin_segment(std::uint32_t new_at, std::uint32_t from) {
        forget();
        here_.new_at = new_at;
        here_.at = new_at == 0 ? 0
                               : new_at + static_cast<std::uint32_t>(
                                              jumps_.far.code_signed(coder_, static_cast<std::int32_t>(from - new_at)));
    }

    [[nodiscard]] std::uint32_t new_at() const { return here_.new_at; }
    [[nodiscard]] std::uint32_t source_at() const { return here_.at; }
    /// For explanations: whether the byte that comes next, or the last one, lies in a field.
    [[nodiscard]] const Walker<Fields>& walker() const { return walker_; }

    /// Whether a decision about a whole block comes next.
    [[nodiscard]] bool at_block() const {
        return (here_.new_at & (pace_.block_bytes - 1)) == 0 && block_left_ == 0 && run_ >= pace_.block_run &&
               here_.new_at >= block_missed_until_ && here_.ground.new_bytes() - here_.new_at >= pace_.block_bytes;
    }
    /// For encoders: whether the next `bytes` are all as predicted. `image`: the new image.
    [[nodiscard]] bool predicts(Bytes next) const;

    /// Codes the byte that the coder wants; in a block that is as predicted, up to `most`. Answers how many.
    std::uint32_t code(std::uint32_t most = 1);

private:
    static constexpr std::uint32_t hit_inputs = 3, byte_inputs = 5;
    static constexpr std::uint32_t hit_sets = 26, more_hit_sets = 32, byte_sets = 3;
    static constexpr std::int16_t fresh_weight = 800;
    static constexpr std::uint32_t sure = 65536 - 40;  ///< of 65536

    struct Candidates {
        std::uint8_t raw;          ///< the source's byte
        std::uint8_t primary;      ///< what a hit makes
        std::uint8_t alternative;  ///< what comes next to mind; equal to primary: nothing does
        std::uint32_t kind;        ///< class of the instruction byte; known where something is coded
        std::uint32_t phase;       ///< 0 to 28: which byte of which field
    };

    struct JumpModel {
        std::array<Cell, 12 * 8> kind;
        std::array<Cell, 4> recent;
        std::array<Cell, 16> wanted;
        NumberModel far;
        NumberModel self;
    };
    enum JumpKind : std::uint32_t { to_return = 0, to_map = 1, to_recent = 2, to_far = 3, to_self = 4 };

    void forget();
    [[nodiscard]] Candidates look();
    bool code_hit(const Candidates& seen);
    bool code_jump();
    void jump();
    std::uint8_t code_miss(const Candidates& seen);
    std::uint8_t code_bits(const Candidates& seen);
    void code_block();
    std::uint32_t copy_block(std::uint32_t most);
    static std::uint8_t block_byte(Walker<Fields>& walker, const Place<Source>& place);
    void count_hits(std::uint32_t bytes);

    [[nodiscard]] static std::uint32_t index(std::uint32_t context, std::uint32_t salt, std::size_t size) {
        const std::uint32_t h = (context * 16 + salt) * 0x9e3779b1U;
        return (h >> 16) * static_cast<std::uint32_t>(size) >> 16;
    }
    /// Which of the recent diagonals it is; their number when none.
    [[nodiscard]] std::uint32_t recent_place(std::uint32_t diagonal) const {
        std::uint32_t place = 0;
        while (place != recent_.size() && recent_[place] != diagonal) ++place;
        return place;
    }
    [[nodiscard]] std::uint32_t miss_level() const { return least(misses_, 3); }

    Coder& coder_;
    Place<Source> here_;
    const Pace& pace_;

    Walker<Fields> walker_;
    // All that a segment starts without. Fresh is zero, but for what forget() fills. What is used most stands first.
    std::uint32_t run_;            // hits since the last miss
    std::uint32_t run_bits_;       // how many bits it takes, at most 11
    std::uint32_t misses_;         // since the last hit, at most 255
    std::uint32_t missed_lately_;  // the last eight decisions, 1: a miss
    std::uint32_t after_hits_;     // source position behind the last run of hits
    std::uint32_t block_missed_until_;
    std::uint32_t block_left_;
    std::uint32_t last_change_;                          // what the last coded byte was changed by
    std::array<std::uint32_t, 4> recent_;                // diagonals of the last jumps: source minus new position
    std::array<std::uint8_t, class_count> change_of_;    // by class: the last change
    std::array<std::uint8_t, class_count> outcomes_of_;  // by class: whether the alternative held
    std::array<Cell, 37> alternative_;
    std::array<Cell, 12> block_;
    JumpModel jumps_;
    // fresh is something else
    std::array<std::int16_t, (hit_sets + more_hit_sets) * hit_inputs + (byte_sets + 8) * byte_inputs> weights_;
};

template <class C, class S, class F>
void Model<C, S, F>::forget() {
    walker_.reset();
    const auto fresh = reinterpret_cast<std::uint8_t*>(&run_);
    const auto filled = reinterpret_cast<std::uint8_t*>(&weights_);
    std::memset(fresh, 0, static_cast<std::size_t>(filled - fresh));
    std::memset(static_cast<void*>(here_.tables.byte_cells.data()), 0, here_.tables.byte_cells.size_bytes());
    for (History& history : here_.tables.hit_cells) history = History::likely();
    here_.tables.map.learned().clear();
    weights_.fill(fresh_weight);
}

template <class C, class S, class F>
typename Model<C, S, F>::Candidates Model<C, S, F>::look() {
    if (!walker_.in_field()) walker_.look(here_);
    Candidates seen;
    seen.raw = seen.primary = seen.alternative = here_.source.byte(here_.at);
    seen.kind = F::instruction_class(here_.ground.architecture, here_.source, here_.at, walker_.start(), walker_.next(),
                                     here_.new_at);
    if (walker_.in_field()) {
        const Field& field = walker_.field();
        const std::uint32_t part = walker_.index() >> (F::wide ? field.bytes / 8U : 0U);
        seen.phase = 1 + ((static_cast<std::uint32_t>(field.kind) - 1) * 4 + part) * 2 + (walker_.missed() ? 1U : 0U);
        // once a byte of the field was not as rewritten, it is rather as it was
        (walker_.missed() ? seen.alternative : seen.primary) = walker_.predicted();
    } else {
        seen.phase = 25 + here_.new_at % 4;
        seen.alternative = static_cast<std::uint8_t>(seen.raw + change_of_[seen.kind]);
    }
    return seen;
}

template <class C, class S, class F>
bool Model<C, S, F>::code_hit(const Candidates& seen) {
    const bool field = walker_.in_field();
    const auto confidence = field ? static_cast<std::uint32_t>(walker_.confidence()) : 0U;
    const std::uint32_t two = missed_lately_ & 3U;
    const bool other = seen.alternative != seen.primary;
    const std::uint32_t opcode = here_.source.byte(here_.at | 1U);
    const std::array<std::uint32_t, hit_inputs> contexts{
        missed_lately_ << 8 | seen.phase << 3 | confidence,
        seen.kind << 16 | std::uint32_t{change_of_[seen.kind]} << 8 | two << 2 | (field ? 2U : 0U) | (other ? 1U : 0U),
        opcode << 8 | (here_.new_at & 3U) << 3 | (two & 1U) << 2 | (field ? 1U : 0U)};
    Mixer inputs(hit_inputs);
    for (std::uint32_t k = 0; k < hit_inputs; ++k)
        inputs.ask(k, here_.tables.hit_cells[index(contexts[k], k, here_.tables.hit_cells.size())], false);
    const std::uint32_t by_field =
        misses_ > 3 ? 24U + (misses_ > 15 ? 1U : 0U) : (field ? 1 + confidence : 0) * 4 + two;
    std::int16_t* const weights = weights_.data() + by_field * hit_inputs;
    std::int16_t* const more =
        weights_.data() + (hit_sets + (other ? 16U : 0U) + least(run_bits_, 7) * 2 + (here_.new_at & 1U)) * hit_inputs;
    const std::uint32_t p = inputs.mix(weights, more);
    coder_.spend(Spent::hits);
    coder_.want(coder_.wanted().byte == seen.primary ? 1U : 0U);
    const bool hit = coder_.bit(p);
    missed_lately_ = (missed_lately_ << 1 | (hit ? 0U : 1U)) & 0xffU;
    if (!hit || p < sure) inputs.learn(weights, more, hit);  // else there is hardly anything to learn
    return hit;
}

template <class C, class S, class F>
bool Model<C, S, F>::code_jump() {
    coder_.spend(Spent::jump_flags);
    Cell& cell = jumps_.wanted[least(misses_, 7) * 2 + (walker_.in_field() ? 1 : 0)];
    const std::uint32_t wanted = coder_.wanted().source;
    coder_.want(wanted != nowhere && wanted != here_.at ? 1U : 0U);
    if (!code_direct(coder_, cell)) return false;
    coder_.spend(Spent::jumps);
    jump();
    walker_.drop();
    missed_lately_ &= ~1U;
    return true;
}

template <class C, class S, class F>
void Model<C, S, F>::jump() {
    const BlockMap& blocks = here_.tables.map.blocks();
    const std::uint32_t mapped = blocks.empty() ? 0 : blocks.source_of(here_.new_at);
    const std::uint32_t wanted = coder_.wanted().source, diagonal = wanted - here_.new_at;
    std::uint32_t kind = wanted >= here_.ground.old_bytes() ? to_self : to_far;
    const std::uint32_t recent = recent_place(diagonal);
    if (recent != recent_.size()) kind = to_recent;
    if (!blocks.empty() && wanted == mapped) kind = to_map;
    if (wanted == after_hits_ && after_hits_ != here_.at) kind = to_return;

    const std::uint32_t context = miss_level() + 4 * (blocks.empty() ? 0U : mapped == here_.at ? 1U : 2U);
    coder_.want(kind, 3);
    switch (code_tree(coder_, jumps_.kind.data() + context * 8, 3)) {
        case to_return:
            here_.at = after_hits_;
            break;
        case to_map:
            here_.at = mapped;
            break;
        case to_recent:
            coder_.want(recent, 2);
            here_.at = here_.new_at + recent_[code_tree(coder_, jumps_.recent.data(), 2)];
            break;
        case to_far:
            here_.at += static_cast<std::uint32_t>(
                jumps_.far.code_signed(coder_, static_cast<std::int32_t>(wanted - here_.at)));
            break;
        default:  // back from where the new image ends; the other numbers are no encoder's
            here_.at = here_.ground.old_bytes() + here_.new_at -
                       jumps_.self.code(coder_, here_.ground.old_bytes() + here_.new_at - wanted);
            break;
    }
    const std::uint32_t taken = here_.at - here_.new_at;
    std::uint32_t place = least(recent_place(taken), 3);
    for (; place != 0; --place) recent_[place] = recent_[place - 1];
    recent_[0] = taken;
}

template <class C, class S, class F>
std::uint8_t Model<C, S, F>::code_miss(const Candidates& seen) {
    if (run_ != 0) after_hits_ = here_.at;
    run_ = 0;
    run_bits_ = 0;
    if (misses_ != 255) ++misses_;
    walker_.miss(seen.primary != seen.raw);
    const bool field = walker_.in_field();
    if (seen.alternative != seen.primary) {
        std::uint8_t& outcomes = outcomes_of_[seen.kind];
        Cell& cell = alternative_[field ? 32 + static_cast<std::uint32_t>(walker_.confidence())
                                        : (outcomes & 7U) * 4 + (misses_ > 1 ? 2U : 0U) + (here_.new_at & 1U)];
        coder_.spend(Spent::alternatives);
        coder_.want(coder_.wanted().byte == seen.alternative ? 1U : 0U);
        const bool holds = code_direct(coder_, cell);
        if (!field) outcomes = static_cast<std::uint8_t>(outcomes << 1 | (holds ? 1 : 0));
        if (holds) return seen.alternative;
    }
    const std::uint8_t made = code_bits(seen);
    const auto change = static_cast<std::uint8_t>(made - seen.raw);
    last_change_ = change;
    if (!walker_.in_field()) change_of_[seen.kind] = change;
    return made;
}

template <class C, class S, class F>
std::uint8_t Model<C, S, F>::code_bits(const Candidates& seen) {
    const std::uint32_t level = miss_level(), odd = here_.new_at & 1U, raw = seen.raw | 256U;
    const std::uint32_t changed = static_cast<std::uint8_t>(seen.raw + last_change_) | 256U;
    std::int16_t* const byte_weights = weights_.data() + (hit_sets + more_hit_sets) * hit_inputs;
    std::int16_t* const weights = byte_weights + (walker_.in_field() ? 2 : level > 1 ? 1 : 0) * byte_inputs;
    coder_.spend(Spent::bytes);
    coder_.want(coder_.wanted().byte, 8);
    Mixer inputs(byte_inputs);
    const auto place = [&](std::uint32_t context, std::uint32_t salt) {
        return &here_.tables.byte_cells[index(context, salt, here_.tables.byte_cells.size() - 15)];
    };
    const std::uint32_t by_phase = seen.phase | level << 6;
    History* const like_change = place(level << 1 | odd, 3);
    History* const like_source = place(level << 5 | seen.phase, 4);
    History *as_made = nullptr, *as_changed = nullptr, *by_kind = nullptr;
    std::uint32_t node = 1, low = 0, low_difference = 0;
    for (std::uint32_t k = 8; k-- != 0;) {
        const bool like_raw = raw >> (k + 1) == node, like_changed = changed >> (k + 1) == node;
        const bool raw_bit = (raw >> k & 1U) != 0, changed_bit = (changed >> k & 1U) != 0;
        if (k % 4 == 3) {
            const std::uint32_t made = k == 7 ? 0 : node, difference = k == 7 ? 0 : node ^ (raw >> 4 & 15U);
            as_made = place(by_phase << 5 | made, 0) - 1;
            as_changed = place(by_phase << 5 | difference, 1) - 1;
            by_kind = place((seen.kind << 2 | odd << 1 | (level > 1 ? 1U : 0U)) << 5 | difference, 2) - 1;
            low = low_difference = 1;
        }
        inputs.ask(0, as_made[low], false);
        inputs.ask(1, as_changed[low_difference], raw_bit);
        inputs.ask(2, by_kind[low_difference], raw_bit);
        inputs.ask(3, like_change[k << 1 | (like_changed ? 1U : 0U)], changed_bit);
        inputs.ask(4, like_source[k << 1 | (like_raw ? 1U : 0U)], raw_bit);
        std::int16_t* const more = byte_weights + (byte_sets + k) * byte_inputs;
        const std::uint32_t p = inputs.mix(weights, more);
        const bool bit = coder_.bit(p);
        inputs.learn(weights, more, bit);
        node = node * 2 + (bit ? 1U : 0U);
        low = low * 2 + (bit ? 1U : 0U);
        low_difference = low_difference * 2 + (bit != raw_bit ? 1U : 0U);
    }
    return static_cast<std::uint8_t>(node);
}

template <class C, class S, class F>
void Model<C, S, F>::count_hits(std::uint32_t bytes) {
    run_ += bytes;
    misses_ = 0;
    while (run_ >> run_bits_ != 0 && run_bits_ < 11) ++run_bits_;
}

template <class C, class S, class F>
std::uint32_t Model<C, S, F>::code(std::uint32_t most) {
    if (at_block()) code_block();
    if (block_left_ != 0) return copy_block(least(most, block_left_));
    Candidates seen = look();
    bool hit = code_hit(seen);
    if (!hit && code_jump()) {
        seen = look();
        hit = code_hit(seen);
    }
    std::uint8_t made = seen.primary;
    if (hit)
        count_hits(1);
    else
        made = code_miss(seen);
    here_.make(made);
    if (walker_.advance()) walker_.finish(here_);
    return 1;
}

/// The predicted byte, without learning from it.
template <class C, class S, class F>
std::uint8_t Model<C, S, F>::block_byte(Walker<F>& walker, const Place<S>& place) {
    if (!walker.in_field()) walker.look(place);
    const std::uint8_t byte = walker.in_field() && !walker.missed() ? walker.predicted() : place.source.byte(place.at);
    if (walker.advance()) walker.drop();
    return byte;
}

template <class C, class S, class F>
bool Model<C, S, F>::predicts(Bytes next) const {
    Walker<F> walker = walker_;
    Place<S> place = here_;
    for (const std::uint8_t byte : next) {
        if (block_byte(walker, place) != byte) return false;
        place.make(byte);
    }
    return true;
}

template <class C, class S, class F>
void Model<C, S, F>::code_block() {
    coder_.spend(Spent::blocks);
    const auto length = bit_count(least(run_ >> 3, 2047));
    coder_.want(coder_.wanted().block ? 1U : 0U);
    if (code_direct(coder_, block_[length])) {
        block_left_ = pace_.block_bytes;
        count_hits(block_left_);
    } else {
        block_missed_until_ = here_.new_at + pace_.block_bytes;
    }
}

/// In a block nothing is learned.
template <class C, class S, class F>
std::uint32_t Model<C, S, F>::copy_block(std::uint32_t most) {
    block_left_ -= most;
    for (std::uint32_t k = 0; k < most; ++k) here_.make(block_byte(walker_, here_));
    return most;
}

}  // namespace sb::sbd
