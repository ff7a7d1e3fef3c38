// sbd on hostile patches: the decoder of devices and that of the host, which share the model. The first bytes choose
// what the rest is: a patch as it stands; segments behind a preamble that is right, of which it also chooses budget,
// architecture, sizes, segments, block decisions, the rule of images in place and the block map; or changes to a good
// patch. So mutations reach the model and the walker, not only the header. Beyond "no access out of bounds": output
// never exceeds what was announced; how a patch is cut changes nothing; the host decides what a device decides, a
// digest excepted, which a device compares elsewhere; from a checkpoint on the same bytes follow.
#include <cstdlib>
#include <cstring>

#include "ports/host/openssl_crypto.hpp"
#include "tools/diff/sbd/preamble_writer.hpp"
#include "tools/diff/sbd/testing.hpp"

namespace sb {
namespace {

using sbd_testing::Buffer;
using sbd_testing::Device;
using sbd_testing::Pair;

constexpr std::uint32_t most_image_bytes = 6000;

void require(bool holds) {
    if (!holds) std::abort();
}

/// A pair of images for each architecture, and patches between them.
struct Sample {
    Pair pair;
    std::vector<Buffer> patches;
};

const Sample& sample(std::size_t which) {
    static const std::vector<Sample> made = [] {
        std::vector<Sample> samples;
        for (const auto& calls : sbd_testing::all_calls) {
            Sample one{sbd_testing::moved_calls(calls, 2048, 132, 5), {}};
            for (const unsigned form : {0U, 1U, 2U}) {
                auto options = sbd_testing::options_for(one.pair, calls.architecture, calls.base);
                options.budget = sbd_testing::all_budgets[form];
                options.segment_bytes = form == 1 ? 1024 : 0;
                sbd_testing::code_in_blocks(options, form == 2 ? 32 : 0);
                one.patches.push_back(sbd_testing::patch_of(one.pair, options));
            }
            samples.push_back(std::move(one));
        }
        return samples;
    }();
    return made[which % made.size()];
}

std::array<std::uint8_t, 4> short_digest(Bytes image) {
    OpensslCrypto crypto;
    const Digest digest = sha256(crypto, image);
    return {digest[0], digest[1], digest[2], digest[3]};
}

/// Takes what it needs of the input; zeros when there is nothing left.
class Choices {
public:
    explicit Choices(Bytes from) : left_(from) {}
    std::uint32_t byte() {
        if (left_.empty()) return 0;
        const std::uint8_t value = left_[0];
        left_ = left_.subspan(1);
        return value;
    }
    std::uint32_t half() {
        const std::uint32_t low = byte();
        return low | byte() << 8;
    }
    [[nodiscard]] Bytes rest() const { return left_; }

private:
    Bytes left_;
};

/// Segments behind a preamble that is made of choices.
Buffer with_good_preamble(Choices& from, Bytes old_image) {
    sbd::Plan plan;
    const std::uint32_t kinds = from.byte(), forms = from.byte();
    plan.budget = static_cast<sbd::Budget>(kinds & 3U);
    sbd::Ground& ground = plan.ground;
    ground.architecture = static_cast<sbd::Architecture>((kinds >> 4) % 7);
    plan.flags = static_cast<std::uint8_t>(ground.architecture);
    ground.spaces.image_bytes = {static_cast<std::uint32_t>(old_image.size()), from.half() % most_image_bytes};
    plan.old_digest = short_digest(old_image);
    if ((forms & 1U) != 0) plan.segment_bytes = sbd::min_segment_bytes + from.byte();
    if ((forms & 2U) != 0) {
        plan.flags |= sbd::in_blocks;
        plan.pace.block_bytes = 1U << from.byte() % 8;
    }
    if ((forms & 4U) != 0) {
        plan.flags |= sbd::in_place;
        plan.shift_bytes = from.half();
        plan.erase_bytes = 1U << from.byte() % 13;
    }
    const sbd::UsualSpaces usual = sbd::usual_spaces(ground.architecture);
    std::array<sbd::LoadSegment, 4> segments{};
    std::uint32_t count = 1;
    const std::uint32_t base = from.half() << 16;
    segments[0] = {0, base, ground.old_bytes() + usual.behind_image};
    segments[1] = {0, base, ground.new_bytes() + usual.behind_image};
    if ((forms & 8U) != 0) {
        plan.flags |= sbd::own_spaces;
        ground.spaces.ram_address = from.half() << 16;
        ground.spaces.ram_bytes = from.half() << 4;
        count = 2;
        for (auto& segment : segments) segment = {from.half(), from.half() << 12, from.half()};
    }
    if (ground.architecture == sbd::Architecture::riscv) ground.spaces.global_pointer = {from.half() << 8, from.half()};
    ground.spaces.of[0] = sbd::AddressSpace(std::span(segments).first(count));
    ground.spaces.of[1] = sbd::AddressSpace(std::span(segments).subspan(count, count));

    std::vector<sbd::MapBlock> blocks;
    std::uint32_t end = 0;
    for (std::uint32_t left = forms >> 4; left != 0; --left) {
        sbd::MapBlock block{end + from.byte(), from.half(), from.byte()};
        if (block.new_at + block.bytes > ground.new_bytes() || block.old_at + block.bytes > ground.old_bytes())
            continue;
        end = block.new_at + block.bytes;
        blocks.push_back(block);
    }
    Buffer patch = diff::write_preamble(plan, blocks);
    const Bytes rest = from.rest();
    patch.insert(patch.end(), rest.begin(), rest.end());
    return patch;
}

Buffer changed(Buffer patch, Bytes changes) {
    for (; changes.size() >= 3; changes = changes.subspan(3)) {
        std::uint8_t& byte = patch[load_le<std::uint16_t>(changes) % patch.size()];
        byte = static_cast<std::uint8_t>(byte ^ changes[2]);
    }
    return patch;
}

/// Announced sizes of both images; none when the preamble is not one, or the images are too large to be tried.
struct Sizes {
    std::uint32_t old_bytes, new_bytes;
    bool stored;
};
std::optional<Sizes> sizes_of(Bytes patch) {
    const sbd_testing::Split parts(patch);
    if (parts.preamble.empty()) return std::nullopt;
    std::vector<std::uint32_t> memory(8192);
    sbd::Prepared prepared;
    const Error error =
        sbd::prepare(parts.preamble, {reinterpret_cast<std::uint8_t*>(memory.data()), memory.size() * 4}, prepared);
    const sbd::Ground& ground = prepared.plan.ground;
    if (error != Error::none || ground.new_bytes() > most_image_bytes) return std::nullopt;
    return Sizes{ground.old_bytes(), ground.new_bytes(), (prepared.plan.flags & sbd::stored) != 0};
}

/// What the host answers; that the digest was wrong it tells only after all the rest was right.
void ask_the_host(Bytes old_image, Bytes patch, const std::optional<Buffer>& device) {
    Error why = Error::none;
    const auto host = sbd_testing::on_host(old_image, patch, &why);
    if (host) require(device && *device == *host);
    if (!host && device) require(why == Error::wrong_source);
}

struct Kept {
    Checkpoint checkpoint;
    std::size_t made;
};

void go_on(Bytes old_image, Bytes patch, std::size_t image_bytes, const Kept& kept, const Buffer& image) {
    Device device(old_image, patch, image_bytes);
    require(device.decoder() != nullptr);
    device.made.image.assign(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(kept.made));
    require(device.decoder()->restore(kept.checkpoint, static_cast<std::uint32_t>(kept.made)).has_value());
    require(device.feed(kept.checkpoint.payload_offset, [] { return 1000U; }, [] { return 512U; }, [](std::size_t) {}));
    require(device.made.image == image);
}

void run(Bytes data) {
    Choices from(data);
    const std::uint32_t mode = from.byte();
    const std::size_t in = 1 + from.byte(), out = 1 + from.byte();
    const Sample& chosen = sample(mode / 8);
    Buffer patch;
    if (mode % 8 == 0) patch.assign(from.rest().begin(), from.rest().end());
    if (mode % 8 >= 1 && mode % 8 <= 4) patch = with_good_preamble(from, chosen.pair.old_image);
    if (mode % 8 >= 5) patch = changed(chosen.patches[mode % 8 - 5], from.rest());
    const Bytes old_image = chosen.pair.old_image;
    const auto sizes = sizes_of(patch);
    if (!sizes) {
        require(!sbd_testing::on_device(old_image, patch, chosen.pair.new_image.size()) || patch.size() > 8000);
        return;
    }

    const auto whole = sbd_testing::on_device(old_image, patch, sizes->new_bytes);
    Device pieces(old_image, patch, sizes->new_bytes);
    std::vector<Kept> kept;
    const bool done = pieces.feed(
        0, [&] { return in; }, [&] { return out; },
        [&](std::size_t) {
            require(pieces.made.image.size() <= sizes->new_bytes);
            Checkpoint here;
            if (pieces.decoder()->checkpoint(here)) kept.push_back({here, pieces.made.image.size()});
        });
    require(done == whole.has_value());
    if (done) {
        require(whole->size() == sizes->new_bytes && *whole == pieces.made.image);
        if (!kept.empty()) go_on(old_image, patch, sizes->new_bytes, kept[kept.size() / 2], *whole);
    }
    if (sizes->stored || sizes->old_bytes == old_image.size()) ask_the_host(old_image, patch, whole);
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size >= 3) sb::run({data, size});
    return 0;
}
