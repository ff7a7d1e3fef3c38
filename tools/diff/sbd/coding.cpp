#include "tools/diff/sbd/coding.hpp"

#include <stdexcept>

#include "core/delta/sbd/source.hpp"
#include "tools/diff/parallel.hpp"
#include "tools/diff/sbd/preamble_writer.hpp"
#include "tools/diff/sbd/varints.hpp"

namespace sb::diff {
namespace {

using EncodingModel = sbd::Model<RangeEncoder, sbd::MemorySource, AllFields>;

class SegmentCoder {
public:
    SegmentCoder(const sbd::Plan& plan, Bytes old, Bytes new_image, std::span<const sbd::MapBlock> blocks,
                 std::span<const SourceRun> runs)
        : plan_(plan),
          new_(new_image),
          runs_(runs),
          memory_(sbd::arena_bytes(plan.budget) / 4),
          source_(old, new_image) {
        sbd::Arena arena({reinterpret_cast<std::uint8_t*>(memory_.data()), sbd::arena_bytes(plan.budget)});
        // what the decoder keeps there besides
        const std::size_t segments =
            plan.ground.spaces.of[0].segments().size() + plan.ground.spaces.of[1].segments().size();
        const bool segments_fit = arena.take<sbd::LoadSegment>(static_cast<std::uint32_t>(segments)) != nullptr;
        auto* const kept =
            segments_fit ? arena.take<sbd::MapBlock>(static_cast<std::uint32_t>(blocks.size())) : nullptr;
        if (kept != nullptr) std::copy(blocks.begin(), blocks.end(), kept);
        if (kept == nullptr || !sbd::share_out(arena, plan, {kept, blocks.size()}, tables_))
            throw std::length_error("the tables of the patch do not fit the decoder's memory");
    }

    std::vector<std::uint8_t> code(std::uint32_t from, std::uint32_t end) {
        RangeEncoder coder;
        EncodingModel model(coder, source_, plan_.ground, tables_, plan_.pace);
        source_.set_made(from);
        source_.set_old_from(plan_.old_from(end));
        auto run = std::upper_bound(runs_.begin(), runs_.end(), from,
                                    [](std::uint32_t at, const SourceRun& r) { return at < r.new_at; }) -
                   1;
        model.begin_segment(from, run->source_at + (from - run->new_at));
        for (std::uint32_t at = from; at < end; ++at) {
            if (at == run->new_at + run->bytes) ++run;
            source_.set_made(at);
            sbd::Wanted wanted{new_[at], run->source_at + (at - run->new_at), false};
            if (model.at_block()) {
                wanted.block = model.predicts(new_.subspan(at, plan_.pace.block_bytes));
                source_.set_made(at);
            }
            coder.set_wanted(wanted);
            static_cast<void>(model.code());
        }
        spent_ = coder.spending();
        return coder.finish();
    }
    [[nodiscard]] const Spending& spent() const { return spent_; }

private:
    const sbd::Plan& plan_;
    Bytes new_;
    std::span<const SourceRun> runs_;
    std::vector<std::uint32_t> memory_;
    sbd::MemorySource source_;
    sbd::Tables tables_;
    Spending spent_{};
};

std::size_t varint_bytes(std::size_t value) {
    std::size_t bytes = 1;
    for (; value >= 0x80; value >>= 7) ++bytes;
    return bytes;
}

}  // namespace

std::size_t CodedImage::bytes() const {
    std::size_t sum = preamble.size();
    for (std::size_t i = 0; i < segments.size(); ++i)
        sum += segments[i].size() + (i + 1 == segments.size() ? 0 : varint_bytes(segments[i].size()));
    return sum;
}

std::vector<std::uint8_t> CodedImage::patch() const {
    std::vector<std::uint8_t> made = preamble;
    made.reserve(bytes());
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (i + 1 != segments.size())  // the last one takes the rest
            append_varint(made, static_cast<std::uint32_t>(segments[i].size()));
        made.insert(made.end(), segments[i].begin(), segments[i].end());
    }
    return made;
}

CodedImage code_image(const sbd::Plan& plan, Bytes old, Bytes new_image, std::span<const sbd::MapBlock> blocks,
                      std::span<const SourceRun> runs, unsigned threads) {
    CodedImage made;
    made.preamble = write_preamble(plan, blocks);
    const std::size_t step = plan.segment_bytes == 0 ? std::max<std::size_t>(new_image.size(), 1) : plan.segment_bytes;
    made.segments.resize((new_image.size() + step - 1) / step);
    std::vector<Spending> spent(made.segments.size());
    run_parallel(made.segments.size(), threads, [&](std::size_t i) {
        SegmentCoder coder(plan, old, new_image, blocks, runs);
        const auto from = static_cast<std::uint32_t>(i * step);
        made.segments[i] = coder.code(from, plan.end_of_segment(from));
        spent[i] = coder.spent();
    });
    for (const Spending& one : spent)
        for (std::size_t kind = 0; kind < one.size(); ++kind) made.spent[kind] += one[kind];
    return made;
}

}  // namespace sb::diff
