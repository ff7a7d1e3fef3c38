#include "tools/diff/sbd/quick_decoder.hpp"

#include <atomic>
#include <thread>

#include "tools/diff/format.hpp"
#include "tools/diff/parallel.hpp"
#include "tools/diff/sbd/segment_decoder.hpp"

namespace sb::diff {
namespace {

/// How far each segment is: everything below that position of the new image, back to its start, is made.
class Reached {
public:
    Reached(const sbd::Plan& plan, std::size_t segments)
        : segment_bytes_(plan.segment_bytes == 0 ? plan.ground.new_bytes() : plan.segment_bytes), made_(segments) {}

    void tell(std::uint32_t segment, std::uint32_t made) { made_[segment].store(made, std::memory_order_release); }

    /// Returns when the byte at `new_at`, of an earlier segment than the caller's, is made.
    void wait_for(std::uint32_t new_at) const {
        const std::atomic<std::uint32_t>& made = made_[new_at / segment_bytes_];
        while (made.load(std::memory_order_acquire) <= new_at) std::this_thread::yield();
    }

private:
    std::uint32_t segment_bytes_;
    std::vector<std::atomic<std::uint32_t>> made_;
};

/// What one segment reads and makes. Answers as MemorySource does.
class SegmentSource {
public:
    SegmentSource(Bytes old, MutableBytes image, Reached& reached, const sbd::Plan& plan, std::uint32_t segment)
        : old_(old.data()),
          old_bytes_(static_cast<std::uint32_t>(old.size())),
          image_(image.data()),
          from_(segment * plan.segment_bytes),
          end_(plan.end_of_segment(from_)),
          made_(from_),
          old_from_(sbd::least(plan.old_from(end_), old_bytes_)),
          readable_(old_bytes_ - old_from_),
          words_(readable_ < 4 ? 0 : readable_ - 3),
          reached_(reached),
          segment_(segment) {}
    /// Whatever happened: nobody waits for this segment any more.
    ~SegmentSource() { reached_.tell(segment_, end_); }
    SegmentSource(const SegmentSource&) = delete;
    SegmentSource& operator=(const SegmentSource&) = delete;

    [[nodiscard]] std::uint32_t from() const { return from_; }
    [[nodiscard]] std::uint32_t end() const { return end_; }

    [[nodiscard]] std::uint8_t byte(std::uint32_t at) const {
        return at - old_from_ < readable_ ? old_[at] : far_byte(at);
    }
    [[nodiscard]] std::uint32_t word(std::uint32_t at) const {
        if (at - old_from_ < words_) return load_le<std::uint32_t>(Bytes(old_ + at, 4));
        return byte(at) | static_cast<std::uint32_t>(byte(at + 1)) << 8 |
               static_cast<std::uint32_t>(byte(at + 2)) << 16 | static_cast<std::uint32_t>(byte(at + 3)) << 24;
    }
    void put(std::uint32_t new_at, std::uint8_t value) {
        image_[new_at] = value;
        made_ = new_at + 1;
        if (made_ % told_each == 0) reached_.tell(segment_, made_);
    }

private:
    static constexpr std::uint32_t told_each = 256;

    [[nodiscard]] std::uint8_t far_byte(std::uint32_t at) const {
        if (at < old_bytes_) return 0;  // gone
        at -= old_bytes_;
        if (at >= made_) return 0;
        if (at < from_) reached_.wait_for(at);
        return image_[at];
    }

    const std::uint8_t* old_;
    std::uint32_t old_bytes_;
    std::uint8_t* image_;
    std::uint32_t from_, end_, made_;
    std::uint32_t old_from_;  // what of the old image may be read: bytes, and places where whole words are
    std::uint32_t readable_;
    std::uint32_t words_;
    Reached& reached_;
    std::uint32_t segment_;
};

/// As sbd::FieldSet, for patches that name this architecture: nothing asks at each byte which it is.
template <class Architecture>
struct Only : sbd::FieldSet<Architecture> {
    using Named = sbd::Architecture;
    using Raw = typename sbd::FieldSet<Architecture>::Raw;

    template <class Source>
    static sbd::Field find(Named, Source& source, const sbd::Spaces& spaces, sbd::Side side, std::uint32_t at,
                           std::uint32_t position) {
        return Architecture::find(source, spaces, side, at, position);
    }
    static Raw encode(Named, const sbd::Spaces& spaces, const sbd::Field& field, Raw raw, std::uint32_t key,
                      std::uint32_t position) {
        return static_cast<Raw>(Architecture::encode(spaces, field, raw, key, position));
    }
    template <class Source>
    static std::uint32_t instruction_bytes(Named, Source& source, std::uint32_t at) {
        return Architecture::instruction_bytes(source, at);
    }
    template <class Source>
    static std::uint32_t instruction_class(Named, Source& source, std::uint32_t at, std::uint32_t start,
                                           std::uint32_t next, std::uint32_t new_at) {
        return Architecture::instruction_class(source, at, start, next, new_at);
    }
    [[nodiscard]] static std::uint32_t alignment(Named) { return Architecture::alignment; }
    [[nodiscard]] static bool tracks_instructions(Named) { return Architecture::tracks_instructions; }
};

template <class Fields>
[[nodiscard, gnu::flatten]] bool decode_with(Bytes coded, sbd::Prepared& prepared, SegmentSource& source) {
    using Coder = SegmentDecoder<NoNotes>;
    const sbd::Plan& plan = prepared.plan;
    Coder coder(coded);
    sbd::Model<Coder, SegmentSource, Fields> model(coder, source, plan.ground, prepared.tables, plan.pace);
    model.begin_segment(source.from(), 0);
    for (std::uint32_t left = source.end() - source.from(); left != 0;) left -= model.code(left);
    return coder.used_up();
}

/// False when bytes are left over.
[[nodiscard]] bool decode_segment(Bytes coded, sbd::Prepared& prepared, SegmentSource& source) {
    using enum sbd::Architecture;
    switch (prepared.plan.ground.architecture) {
        case thumb:
            return decode_with<Only<sbd::Thumb>>(coded, prepared, source);
        case a64:
            return decode_with<Only<sbd::A64>>(coded, prepared, source);
        case xtensa:
            return decode_with<Only<sbd::Xtensa>>(coded, prepared, source);
        case riscv:
            return decode_with<Only<sbd::RiscV>>(coded, prepared, source);
        default:
            return decode_with<AllFields>(coded, prepared, source);
    }
}

}  // namespace

std::vector<std::uint8_t> decode_segments(Bytes old, const SbdPatch& opened, unsigned threads) {
    const sbd::Plan& plan = opened.prepared.plan;
    std::vector<std::uint8_t> image(plan.ground.new_bytes());
    Reached reached(plan, opened.segments.size());
    run_parallel(opened.segments.size(), threads, [&](std::size_t i) {
        SegmentSource source(old, image, reached, plan, static_cast<std::uint32_t>(i));
        SbdPatch own = open_preamble(opened.patch);  // with tables of its own
        const Bytes coded = opened.segments[i];
        if (!decode_segment(coded, own.prepared, source)) refuse_rest_of(coded, opened);
    });
    return image;
}

}  // namespace sb::diff
