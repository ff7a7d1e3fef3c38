// HPatchLite: covers, bytes and differences in one stream, plain or packed with tinyuz; packed with LZMA it is read.
#include <algorithm>
#include <array>

#include "core/delta/hpatchlite.hpp"
#include "tools/diff/codec_lzma.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/hpatchlite_choice.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::array<std::string_view, 2> compressions{"tuz", "none"};
constexpr std::uint32_t usual_dictionary_bytes = 16U << 10;
constexpr std::uint32_t largest_dictionary_bytes = 64U << 20;  // read and written
constexpr std::uint32_t header_bytes = 32;                     // at most

std::uint32_t dictionary_for(const DiffOptions& options) {
    if (options.compress == "none") return 0;
    if (options.ram_bytes > largest_dictionary_bytes) throw OptionError("tinyuz takes a dictionary of 64M at most");
    return options.ram_bytes == 0 ? usual_dictionary_bytes : options.ram_bytes;
}

HpatchliteHeader read_header(Bytes head) {
    HpatchliteHeader header;
    for (std::size_t at = 0; !header.whole(); ++at) {
        if (at == head.size()) refuse(Error::truncated, at);
        if (const Error error = header.take(head[at]); error != Error::none) refuse(error, at);
    }
    const HpatchliteCompression c = header.compression();
    if (c != HpatchliteCompression::none && c != HpatchliteCompression::tinyuz && c != HpatchliteCompression::lzma)
        throw PatchError(Error::unsupported, 2, "HPatchLite packed otherwise than with tinyuz or lzma is not read");
    if (c == HpatchliteCompression::tinyuz && header.dictionary_bytes() == 0) refuse(Error::malformed, header.bytes());
    return header;
}

/// The dictionary that unpacking takes: never more than the stream.
std::uint32_t dictionary_used(const HpatchliteHeader& header) {
    if (header.compression() != HpatchliteCompression::tinyuz) return 0;
    const std::uint32_t used = std::min(header.dictionary_bytes(), header.plain_bytes());
    if (used > largest_dictionary_bytes)
        throw PatchError(Error::too_large, header.bytes() - 4U, "the patch asks for a dictionary of more than 64 MiB");
    return used;
}

/// What tinyuz packed, one byte after another.
class TinyuzStream final : public ByteStream {
public:
    TinyuzStream(ByteStream& packed, MutableBytes dictionary) : packed_(packed) { tinyuz_.start(dictionary); }

    Result<std::size_t> read(MutableBytes to) override {
        for (;;) {
            SB_TRY_ASSIGN(const Tinyuz::Step step, tinyuz_.decode(Bytes(held_).subspan(at_, count_ - at_), to.size()));
            at_ += step.consumed;
            copy(to, step.made);
            if (!step.made.empty() || to.empty()) return step.made.size();
            if (tinyuz_.ended()) return at_ == count_ ? 0 : Result<std::size_t>(fail(Error::trailing_data));
            if (at_ != count_) continue;
            SB_TRY_ASSIGN(count_, packed_.read(held_));
            at_ = 0;
            if (count_ == 0) return fail(Error::truncated);
        }
    }

private:
    ByteStream& packed_;
    Tinyuz tinyuz_;
    std::array<std::uint8_t, 4096> held_;
    std::size_t at_ = 0, count_ = 0;
};

/// Calls `use` with the stream behind the header.
template <class Use>
void with_stream(Reader& patch, const HpatchliteHeader& header, Use use) {
    RangeStream packed(patch, header.bytes(), patch.bytes() - header.bytes());
    if (header.compression() == HpatchliteCompression::none) return use(packed);
    if (header.compression() == HpatchliteCompression::lzma) {
        LzmaStream stream(packed, LzmaKind::lzma1, header.plain_bytes());
        return use(stream);
    }
    Buffer dictionary(dictionary_used(header));
    if (dictionary.empty()) refuse(Error::malformed, header.bytes());
    TinyuzStream stream(packed, dictionary);
    use(stream);
}

[[gnu::hot]] bool recognises(Bytes head) {
    constexpr std::array<std::uint8_t, 2> magic{'h', 'I'};
    return head.size() >= 4 && begins_with(head, magic) && (head[3] >> 6 == 1 || head[3] >> 6 == 2);
}

/// As a device does, but from a stream that no device unpacks.
void apply_stream(ByteStream& stream, std::uint32_t image_bytes, Reader& old, Sink& out) {
    HpatchliteStream covers(image_bytes, old);
    Buffer held(1U << 16), room(1U << 16);
    std::size_t at = 0, count = 0;
    while (!covers.done()) {
        if (at == count && covers.wanted(1) != 0) {
            const auto read = stream.read(held);
            if (!read) refuse(read.error(), 0);
            if (*read == 0) refuse(Error::truncated, 0);
            count = *read;
            at = 0;
        }
        const auto step = covers.decode(Bytes(held).subspan(at, count - at), room);
        if (!step) refuse(step.error(), 0);
        at += step->consumed;
        out.write(Bytes(room).first(step->produced));
    }
    const auto more = stream.read(MutableBytes(held).first(1));
    if (!more) refuse(more.error(), 0);
    if (*more != 0 || at != count) refuse(Error::trailing_data, 0);
}

void apply(Reader& old, Reader& patch, Sink& out) {
    const HpatchliteHeader header = read_header(read_head(patch, header_bytes));
    if (header.compression() == HpatchliteCompression::lzma) {
        with_stream(patch, header, [&](ByteStream& stream) { apply_stream(stream, header.new_bytes(), old, out); });
        return;
    }
    Buffer work(dictionary_used(header));
    HpatchliteDecoder decoder(header.new_bytes(), old, work);
    run_decoder(decoder, patch, 0, out);
}

/// Follows the covers of a stream without the old image.
class Explainer {
public:
    Explainer(ByteStream& stream, PatchInfo& info) : stream_(stream), info_(info) {}

    void run() {
        std::uint64_t new_at = 0;
        std::uint32_t old_at = 0;
        for (std::uint32_t left = number(0, true); left != 0; --left) {
            const std::uint32_t bytes = number(0, true);
            const std::uint8_t place = byte();
            const std::uint32_t distance = number(place & 0x1f, (place & 0x20) != 0);
            old_at += (place & 0x40) != 0 ? 0U - distance : distance;
            const std::uint32_t gap = number(0, true);
            if (bytes == 0 && left != 1) refuse(Error::bad_patch, 0);
            new_at += std::uint64_t{gap} + bytes;
            if (new_at > info_.new_bytes) refuse(Error::bad_patch, 0);
            if (info_.covers.size() == most_covers) refuse(Error::too_large, 0);
            (void)count_zeros(gap);
            info_.extra_bytes += gap;
            const std::uint32_t unchanged = (place & 0x80) != 0 ? bytes : count_zeros(bytes);
            if (bytes != 0) info_.covers.push_back({new_at - bytes, old_at, bytes, unchanged});
            old_at += bytes;
        }
        if (new_at != info_.new_bytes) refuse(Error::bad_patch, 0);
        if (fill(1) != 0) refuse(Error::trailing_data, 0);
    }
    [[nodiscard]] std::uint64_t stream_bytes() const { return taken_; }

private:
    static constexpr std::size_t most_covers = std::size_t{1} << 24;  // the memory of a list, not more

    /// Makes up to `wanted` bytes ready; as many as there are.
    std::size_t fill(std::size_t wanted) {
        if (at_ == count_) {
            const auto read = stream_.read(held_);
            if (!read) refuse(read.error(), 0);
            at_ = 0;
            count_ = *read;
        }
        return std::min(wanted, count_ - at_);
    }
    std::uint8_t byte() {
        if (fill(1) == 0) refuse(Error::truncated, 0);
        ++taken_;
        return held_[at_++];
    }
    std::uint32_t number(std::uint32_t value, bool more) {
        while (more) {
            const std::uint8_t next = byte();
            if (value >> 25 != 0) refuse(Error::too_large, 0);
            value = value << 7 | (next & 0x7f);
            more = (next & 0x80) != 0;
        }
        return value;
    }
    std::uint32_t count_zeros(std::uint32_t bytes) {
        std::uint32_t zeros = 0;
        while (bytes != 0) {
            const std::size_t count = fill(bytes);
            if (count == 0) refuse(Error::truncated, 0);
            zeros += static_cast<std::uint32_t>(std::ranges::count(Bytes(held_).subspan(at_, count), 0));
            at_ += count;
            taken_ += count;
            bytes -= static_cast<std::uint32_t>(count);
        }
        return zeros;
    }

    ByteStream& stream_;
    PatchInfo& info_;
    std::array<std::uint8_t, 4096> held_;
    std::size_t at_ = 0, count_ = 0;
    std::uint64_t taken_ = 0;
};

PatchInfo inspect(Bytes patch) {
    const HpatchliteHeader header = read_header(patch.first(std::min<std::size_t>(patch.size(), header_bytes)));
    PatchInfo info;
    info.new_bytes = header.new_bytes();
    info.format = "hpatchlite";
    info.payload = PayloadFormat::hpatchlite;
    if (header.compression() == HpatchliteCompression::tinyuz) {
        info.format += "+tuz";
        info.dictionary_bytes = header.dictionary_bytes();
        info.decoder_ram_bytes = decoder_ram_bytes(PayloadFormat::hpatchlite, info.dictionary_bytes);
    } else if (header.compression() == HpatchliteCompression::lzma) {
        info.format += "+lzma";
        info.payload.reset();
    }
    MemoryReader reader(patch);
    std::uint64_t plain_bytes = 0;
    with_stream(reader, header, [&](ByteStream& stream) {
        Explainer explainer(stream, info);
        explainer.run();
        plain_bytes = explainer.stream_bytes();
    });
    if (header.compression() != HpatchliteCompression::none && plain_bytes != header.plain_bytes())
        throw PatchError(Error::bad_patch, 4, "the header announces a stream of another size");
    info.blocks = {{"header", header.bytes(), header.bytes()},
                   {"covers, bytes and differences", patch.size() - header.bytes(), plain_bytes}};
    return info;
}

Patch encode(Bytes old, Bytes new_image, const DiffOptions& options) {
    return described(smallest_hpatchlite(old, new_image, dictionary_for(options), options), inspect);
}

}  // namespace

constinit const Format hpatchlite_format{
    "hpatchlite", compressions, "HPatchLite: one stream of covers, packed with tinyuz for small devices",
    encode,       recognises,   apply,
    inspect};

}  // namespace sb::diff
