#include "tools/diff/triples.hpp"

#include "core/delta/endsley_stream.hpp"

namespace sb::diff {
namespace {

static_assert(triple_bytes == endsley_triple_bytes);

/// Tells covers of a patch from the noise of a hostile one; 640 MB of them are enough.
constexpr std::size_t most_covers = std::size_t{1} << 24;
constexpr std::size_t most_idle_triples = 64;

class Explainer {
public:
    Explainer(ByteStream& control, ByteStream& diff, ByteStream& extra, PatchInfo& info)
        : control_(control), diff_(diff), extra_(extra), info_(info) {}

    std::uint64_t run() {
        for (; new_at_ < info_.new_bytes; ++triples_) triple();
        for (ByteStream* stream : {&control_, &diff_, &extra_}) {
            std::uint8_t beyond = 0;
            const auto count = stream->read({&beyond, 1});
            if (!count) refuse(count.error());
            if (*count != 0) refuse(Error::trailing_data);
        }
        return triples_;
    }

private:
    [[noreturn]] void refuse(Error why) const {
        throw PatchError(why, taken_,
                         why == Error::truncated       ? "the patch ends inside its triples or their bytes"
                         : why == Error::trailing_data ? "there are bytes after the end of the patch"
                                                       : "the patch holds no triples that could be");
    }

    void triple() {
        std::array<std::uint8_t, triple_bytes> bytes;
        need(read_exactly(control_, bytes));
        taken_ += bytes.size();
        SignedMagnitude numbers[3];
        for (std::size_t i = 0; i < 3; ++i) {
            const auto number = load_signed_magnitude(Bytes(bytes).subspan(8 * i, 8));
            if (!number) refuse(number.error());
            numbers[i] = *number;
        }
        const auto& [diff, extra, seek] = numbers;
        const std::uint64_t left = info_.new_bytes - new_at_;
        if (diff.negative || extra.negative || diff.magnitude > left || extra.magnitude > left - diff.magnitude)
            refuse(Error::bad_patch);
        idle_ = (diff.magnitude | extra.magnitude) == 0 ? idle_ + 1 : 0;
        if (idle_ > most_idle_triples) refuse(Error::bad_patch);
        cover(diff.magnitude);
        static_cast<void>(zeros(extra_, extra.magnitude));
        info_.extra_bytes += extra.magnitude;
        new_at_ += diff.magnitude + std::uint64_t{extra.magnitude};
        old_at_ += diff.magnitude + (seek.negative ? 0U - seek.magnitude : seek.magnitude);
    }

    void cover(std::uint32_t bytes) {
        if (bytes == 0) return;
        if (info_.covers.size() == most_covers) refuse(Error::too_large);
        info_.covers.push_back({new_at_, old_at_, bytes, zeros(diff_, bytes)});
    }

    /// Reads `count` bytes and says how many are 0.
    std::uint64_t zeros(ByteStream& from, std::uint32_t count) {
        std::uint64_t found = 0;
        while (count != 0) {
            const MutableBytes room = MutableBytes(room_).first(std::min<std::size_t>(room_.size(), count));
            need(read_exactly(from, room));
            found += static_cast<std::uint64_t>(std::ranges::count(room, 0));
            count -= static_cast<std::uint32_t>(room.size());
            taken_ += room.size();
        }
        return found;
    }

    void need(const Result<void>& read) const {
        if (!read) refuse(read.error());
    }

    ByteStream& control_;
    ByteStream& diff_;
    ByteStream& extra_;
    PatchInfo& info_;
    std::uint64_t new_at_ = 0;
    std::uint32_t old_at_ = 0;  // modulo 2^32
    std::uint64_t taken_ = 0;   // bytes, unpacked
    std::uint64_t triples_ = 0;
    std::size_t idle_ = 0;  // that make nothing, one after another
    std::array<std::uint8_t, 1U << 14> room_{};
};

}  // namespace

std::uint64_t explain_triples(ByteStream& control, ByteStream& diff, ByteStream& extra, PatchInfo& info) {
    return Explainer(control, diff, extra, info).run();
}

}  // namespace sb::diff
