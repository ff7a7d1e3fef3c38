// The fast form of sbd on hostile patches, beyond zstd: the first bytes choose whether the rest is a patch as it
// stands, parts that are packed here behind a preamble that is right, or changes to a good patch. Beyond "no access out
// of bounds": what is made is no longer than announced, and explaining a patch that applies does not fail.
#include <cstdlib>

#include "core/delta/sbd/testing.hpp"
#include "ports/host/openssl_crypto.hpp"
#include "tools/diff/codec_mixed.hpp"
#include "tools/diff/codec_zstd.hpp"
#include "tools/diff/sbd/fast_decoder.hpp"
#include "tools/diff/sbd/fast_encoder.hpp"
#include "tools/diff/sbd/fast_header.hpp"

namespace sb {
namespace {

using sbd_testing::Buffer;
using sbd_testing::Pair;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Sample {
    Pair pair;
    Buffer patch;
};

const Sample& sample(std::size_t which) {
    static const std::vector<Sample> made = [] {
        std::vector<Sample> samples;
        for (const auto& calls : sbd_testing::all_calls) {
            Sample one{sbd_testing::moved_calls(calls, 9000, 132, 5), {}};
            one.patch = diff::encode_fast(one.pair.old_image, one.pair.new_image,
                                          {.level = samples.size() % 2 == 0 ? 1U : 4U, .threads = 1});
            samples.push_back(std::move(one));
        }
        return samples;
    }();
    return made[which % made.size()];
}

class Choices {
public:
    explicit Choices(Bytes from) : left_(from) {}
    std::uint32_t byte() {
        const Bytes one = some(1);
        return one.empty() ? 0 : one[0];
    }
    Bytes some(std::size_t bytes) {
        const Bytes taken = left_.first(std::min(bytes, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    [[nodiscard]] Bytes rest() const { return left_; }

private:
    Bytes left_;
};

/// Parts of any content, packed, behind a preamble that fits the old image.
Buffer with_good_preamble(Choices& from, Bytes old_image) {
    sbd::Plan plan;
    plan.budget = sbd::Budget::k32;
    plan.ground.architecture = static_cast<sbd::Architecture>(from.byte() % 7);
    plan.flags = static_cast<std::uint8_t>(plan.ground.architecture);
    const auto old_bytes = static_cast<std::uint32_t>(old_image.size());
    plan.ground.spaces.image_bytes = {old_bytes, from.byte() << 6};
    const std::uint32_t base = from.byte() << 24;
    const std::array<sbd::LoadSegment, 1> whole{{{0, base, old_bytes + 4096}}};
    if (plan.ground.architecture != sbd::Architecture::none) {
        plan.flags |= sbd::own_spaces;
        plan.ground.spaces.of = {sbd::AddressSpace(whole), sbd::AddressSpace(whole)};
    }
    const diff::FastCounts counts{from.byte(), from.byte()};
    std::array<diff::PackedPart, diff::fast_parts> parts;
    const std::uint32_t mixed = from.byte();
    for (std::size_t k = 0; k < parts.size(); ++k) {
        const Bytes plain = from.some(from.byte());
        if ((mixed >> k & 1) != 0)
            parts[k] = {diff::Packing::mixed, diff::pack_mixed(plain)};
        else
            parts[k] = {diff::Packing::zstd, diff::pack_zstd(plain, {1, 10})};
    }
    return diff::write_fast_patch(plan, counts, parts);
}

void run(Bytes data) {
    Choices from(data);
    const std::uint32_t mode = from.byte();
    const Sample& chosen = sample(mode / 4);
    Buffer patch;
    if (mode % 4 == 0) {
        patch.assign(from.rest().begin(), from.rest().end());
    } else if (mode % 4 != 3) {
        patch = with_good_preamble(from, chosen.pair.old_image);
    } else {
        patch = chosen.patch;
        for (Bytes change = from.some(3); change.size() == 3; change = from.some(3))
            patch[load_le<std::uint16_t>(change) % patch.size()] ^= change[2];
    }
    if (!diff::is_fast_form(patch)) return;
    MemoryReader old_image(chosen.pair.old_image), reader(patch);
    diff::BufferSink out;
    bool applied = true;
    try {
        const auto header = diff::read_fast_header(patch, patch.size());
        if (header.ground().new_bytes() > 1U << 20) return;
        diff::apply_fast(old_image, reader, out);
        require(out.made.size() == header.ground().new_bytes());
    } catch (const diff::PatchError& e) {
        // a digest that is wrong is told when all is made
        applied = e.error == Error::bad_digest;
    }
    require(out.made.size() <= 1U << 20);
    try {
        const diff::PatchInfo info = diff::inspect_fast(patch);
        require(info.covered_bytes() + info.extra_bytes == info.new_bytes);
    } catch (const diff::PatchError&) {
        require(!applied);
    }
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size >= 3) sb::run({data, size});
    return 0;
}
