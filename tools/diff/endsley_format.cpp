// ENDSLEY/BSDIFF43: one stream of covers, plain, in LZMA segments, or packed with bzip2 as the format's own tool does.
#include <algorithm>
#include <array>

#include "core/delta/endsley_stream.hpp"
#include "core/delta/factory.hpp"
#include "core/delta/lzma_segments.hpp"
#include "tools/diff/choose_covers.hpp"
#include "tools/diff/codec_bzip2.hpp"
#include "tools/diff/container.hpp"
#include "tools/diff/endsley_writer.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/segments.hpp"
#include "tools/diff/triple_stream.hpp"
#include "tools/diff/triples.hpp"
#include "tools/diff/visible_covers.hpp"

namespace sb::diff {
namespace {

constexpr std::array<std::string_view, 3> compressions{"lzma", "none", "bzip2"};
constexpr std::uint32_t header_bytes = endsley_header_bytes;
constexpr std::size_t in_place_segment_bytes = 8192;

class CountingSink final : public Sink {
public:
    void write(Bytes bytes) override { count += bytes.size(); }
    std::size_t count = 0;
};

/// The stream packed as the format's own tool packs it.
void write_bzip2(Bytes old, Bytes new_image, const Covers& covers, Sink& to) {
    Bzip2Packer packer(to, new_image.size() + (covers.size() + 1) * triple_bytes);
    write_endsley(old, new_image, covers, packer);
    packer.finish();
}

/// What all encodings of one pair have in common.
struct Job {
    Bytes old;
    Bytes new_image;
    const DiffOptions& options;

    /// In place, `segment_bytes` are done again after a power cut: what they read must still be there then.
    [[nodiscard]] Covers readable(const Covers& covers, std::size_t segment_bytes) const {
        if (!options.in_place) return covers;
        if (options.memory_bytes < std::max(old.size(), new_image.size()))
            throw OptionError("the images take " + std::to_string(std::max(old.size(), new_image.size())) +
                              " bytes, more than --memory");
        const std::uint32_t unit = options.erase_bytes;
        if (segment_bytes % unit != 0)
            throw OptionError("in place a segment is a multiple of the erase unit, " + std::to_string(unit));
        const auto shift = static_cast<std::uint32_t>(options.memory_bytes - old.size()) & ~(unit - 1);
        const Visibility visible{static_cast<std::uint32_t>(segment_bytes), unit, shift};
        return visible_covers(covers, visible, new_image.size());
    }
    /// Of LZMA, where a power cut costs what came since the segment began.
    [[nodiscard]] std::size_t segment() const {
        const std::size_t usual = segment_length(new_image.size(), options);
        if (!options.in_place || options.segment_bytes != 0) return usual;
        return std::max<std::size_t>(options.erase_bytes, in_place_segment_bytes);
    }

    template <class PackedBytes>
    [[nodiscard]] Covers choose(PackedBytes packed_bytes) const {
        CoverRequest request;
        request.packed_bytes = packed_bytes;
        // in one stream with all the rest a triple, or a byte that differs, interrupts what repeats
        request.scales = {.cover = 7, .carried = 0.95, .added = 0.9};
        request.min_bytes = options.min_cover_bytes;
        request.threads = options.threads;
        request.progress = [this](double fraction) { report(options, 0.8 * fraction); };
        return choose_covers(old, new_image, request);
    }
    [[nodiscard]] std::vector<std::uint8_t> header() const { return endsley_header(new_image.size()); }
};

void append(std::vector<std::uint8_t>& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

Patch encode_plain(const Job& job) {
    const std::size_t unit = job.options.erase_bytes;  // it can go on behind each
    const auto readable = [&](const Covers& covers) { return job.readable(covers, unit); };
    const Covers covers = readable(job.choose([&](const Covers& tried) {
        CountingSink sink;
        write_endsley(job.old, job.new_image, readable(tried), sink);
        return sink.count;
    }));
    Patch patch;
    patch.format = "endsley";
    patch.payload = PayloadFormat::endsley;
    BufferSink sink{job.header()};
    write_endsley(job.old, job.new_image, covers, sink);
    patch.bytes = std::move(sink.made);
    return patch;
}

Patch encode_bzip2(const Job& job) {
    const Covers covers = job.choose([&](const Covers& tried) {
        CountingSink sink;
        write_bzip2(job.old, job.new_image, tried, sink);
        return sink.count;
    });
    Patch patch;
    patch.format = "endsley+bzip2";
    BufferSink sink{job.header()};
    write_bzip2(job.old, job.new_image, covers, sink);
    patch.bytes = std::move(sink.made);
    return patch;
}

Patch encode_lzma(const Job& job) {
    const unsigned limit = dictionary_limit_log2(job.options);
    const std::size_t segment = job.segment();
    const auto readable = [&](const Covers& covers) { return job.readable(covers, segment); };
    const auto pack = [&](const EndsleyText& text, Effort effort) {
        return write_lzma_segments(text.bytes, text.cuts, useful_dictionary_log2(text.cuts, limit), effort);
    };
    const Covers covers = readable(job.choose([&](const Covers& tried) {
        return pack(write_endsley(job.old, job.new_image, readable(tried), segment), Effort::one_setting).size();
    }));
    const EndsleyText text = write_endsley(job.old, job.new_image, covers, segment);
    Patch patch;
    patch.format = "endsley+lzma";
    patch.payload = PayloadFormat::endsley_lzma;
    patch.bytes = job.header();
    append(patch.bytes, pack(text, effort_for(text.bytes.size())));
    patch.decoder_ram_bytes =
        decoder_ram_bytes(PayloadFormat::endsley_lzma, 1U << useful_dictionary_log2(text.cuts, limit));
    return patch;
}

Patch encode_endsley(Bytes old, Bytes new_image, const DiffOptions& options) {
    const Job job{old, new_image, options};
    if (options.compress == "none") return encode_plain(job);
    if (options.compress == "bzip2" && options.in_place)
        throw OptionError("--in-place is for devices: --compress lzma or none");
    if (options.compress == "bzip2") return encode_bzip2(job);
    return encode_lzma(job);
}

/// Where an instruction stream goes that is never there as a whole.
class StreamSink {
public:
    virtual void triple(Bytes written) = 0;
    /// Bytes that each make a byte of the image.
    virtual void image(Bytes bytes) = 0;

protected:
    ~StreamSink() = default;
};

class PlainStream final : public StreamSink {
public:
    explicit PlainStream(Sink& to) : to_(to) {}
    void triple(Bytes written) override { to_.write(written); }
    void image(Bytes bytes) override { to_.write(bytes); }

private:
    Sink& to_;
};

/// Packs segment after segment.
class SegmentStream final : public StreamSink {
public:
    SegmentStream(Sink& to, std::size_t segment_bytes, unsigned dictionary_log2)
        : to_(to), segment_bytes_(segment_bytes), dictionary_log2_(dictionary_log2) {
        to_.write(write_lzma_segments({}, {}, dictionary_log2_, Effort::one_setting));  // the container's header
    }
    void triple(Bytes written) override { append(text_, written); }
    void image(Bytes bytes) override {
        while (segment_bytes_ != 0 && bytes.size() >= segment_bytes_ - made_) {
            append(text_, bytes.first(segment_bytes_ - made_));
            bytes = bytes.subspan(segment_bytes_ - made_);
            finish();
        }
        append(text_, bytes);
        made_ += bytes.size();
    }
    /// Ends the present segment.
    void finish() {
        made_ = 0;
        if (text_.empty()) return;
        const std::size_t cuts[] = {text_.size()};
        const auto container = write_lzma_segments(text_, cuts, dictionary_log2_, Effort::one_setting);
        to_.write(Bytes(container).subspan(lzma_segments_magic.size() + 1));
        text_.clear();
    }

private:
    Sink& to_;
    std::size_t segment_bytes_;
    unsigned dictionary_log2_;
    std::vector<std::uint8_t> text_;
    std::size_t made_ = 0;
};

/// A triple stands before its bytes, but is known behind them: they wait for it.
class Interleaver final : public TripleSink {
public:
    static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 18;

    explicit Interleaver(StreamSink& to) : to_(to) {}
    void diff(Bytes differences) override { append(waiting_, differences); }
    void extra(Bytes bytes) override { append(waiting_, bytes); }
    void triple(const std::array<std::uint8_t, triple_bytes>& written) override {
        to_.triple(written);
        to_.image(waiting_);
        waiting_.clear();
    }

private:
    StreamSink& to_;
    std::vector<std::uint8_t> waiting_;
};

void write_bounded(Reader& old, Reader& new_image, const DiffOptions& options, StreamSink& to) {
    Interleaver interleaver(to);
    TripleStream stream(interleaver, Interleaver::most_bytes);
    cover_blocks(old, new_image, block_request(options), [&](const CoveredBlock& block) { stream.write(block); });
    stream.finish();
}

PatchSummary encode_bounded(Reader& old, Reader& new_image, Sink& out, const DiffOptions& options) {
    const bool none = options.compress == "none", bzip2 = options.compress == "bzip2";
    const unsigned log2 = none || bzip2 ? 0 : dictionary_limit_log2(options);
    out.write(endsley_header(new_image.bytes()));
    PatchSummary summary;
    if (none) {
        PlainStream stream(out);
        write_bounded(old, new_image, options, stream);
        summary.format = "endsley";
        summary.payload = PayloadFormat::endsley;
    } else if (bzip2) {
        Bzip2Packer packer(out);
        PlainStream stream(packer);
        write_bounded(old, new_image, options, stream);
        packer.finish();
        summary.format = "endsley+bzip2";
    } else {
        SegmentStream stream(out, segment_length(new_image.bytes(), options), log2);
        write_bounded(old, new_image, options, stream);
        stream.finish();
        summary.format = "endsley+lzma";
        summary.payload = PayloadFormat::endsley_lzma;
        summary.decoder_ram_bytes = decoder_ram_bytes(PayloadFormat::endsley_lzma, 1U << log2);
    }
    return summary;
}

[[gnu::hot]] bool recognises(Bytes head) {
    return begins_with(head, endsley_magic);
}

/// A plain stream begins with a triple, whose first number would be beyond 4 GiB if it looked packed.
bool holds(Bytes head, Bytes magic) {
    return head.size() > endsley_header_bytes && begins_with(head.subspan(endsley_header_bytes), magic);
}
bool is_lzma(Bytes head) {
    return holds(head, lzma_segments_magic);
}
bool is_bzip2(Bytes head) {
    constexpr std::array<std::uint8_t, 3> magic{'B', 'Z', 'h'};
    return holds(head, magic);
}

std::string_view full_name(Bytes head) {
    return is_lzma(head) ? "endsley+lzma" : is_bzip2(head) ? "endsley+bzip2" : "endsley";
}

std::uint32_t announced_bytes(Bytes head) {
    if (head.size() < endsley_header_bytes) refuse(Error::truncated, head.size());
    const auto bytes = parse_endsley_header(head.first(endsley_header_bytes));
    if (!bytes) refuse(bytes.error(), endsley_magic.size());
    return *bytes;
}

/// The stream of a patch packed with bzip2, unpacked.
class Unpacked {
public:
    explicit Unpacked(Reader& patch) : packed_(patch, header_bytes, patch.bytes() - header_bytes), stream_(packed_) {}
    [[nodiscard]] ByteStream& stream() { return stream_; }

private:
    RangeStream packed_;
    Bzip2Unpacker stream_;
};

void apply_bzip2(std::uint32_t image_bytes, Reader& old, Reader& patch, Sink& out) {
    Unpacked unpacked(patch);
    EndsleyStream decoder(image_bytes, old);
    std::vector<std::uint8_t> text(1U << 16), room(text.size());
    std::uint64_t taken = 0, made = 0;
    while (!decoder.done()) {
        const auto there = unpacked.stream().read(text);
        if (!there) refuse(there.error(), 0);
        if (*there == 0) refuse(Error::truncated, patch.bytes());
        Bytes left = Bytes(text).first(*there);
        while (!left.empty()) {
            const auto step = decoder.decode(left, room);
            if (!step) refuse(step.error(), 0);
            if (step->consumed == 0) refuse(Error::trailing_data, patch.bytes());
            out.write(Bytes(room).first(step->produced));
            left = left.subspan(step->consumed);
            taken += step->consumed;
            made += step->produced;
        }
        // little bzip2 unpacks to endless triples that make nothing; two a byte are more than any tool writes
        if (taken > text.size() + made * (2 * triple_bytes + 1)) refuse(Error::bad_patch, 0);
    }
    const auto beyond = unpacked.stream().read(text);
    if (!beyond) refuse(beyond.error(), 0);
    if (*beyond != 0) refuse(Error::trailing_data, patch.bytes());
}

void apply(Reader& old, Reader& patch, Sink& out) {
    const auto head = read_head(patch, 64);
    const std::uint32_t bytes = announced_bytes(head);
    if (is_bzip2(head)) return apply_bzip2(bytes, old, patch, out);
    const PayloadFormat payload = is_lzma(head) ? PayloadFormat::endsley_lzma : PayloadFormat::endsley;
    apply_on_device_decoder(payload, bytes, old, patch, out);
}

void explain(Bytes stream, PatchInfo& info) {
    MemoryReader reader{stream};
    RangeStream all(reader, 0, reader.bytes());
    static_cast<void>(explain_triples(all, all, all, info));
}

/// What packs the stream, and what it is packed to.
void explain_packed(Bytes patch, PatchInfo& info, PatchBlock& block) {
    const Bytes stream = patch.subspan(endsley_header_bytes);
    if (is_bzip2(patch)) {
        MemoryReader reader{patch};
        Unpacked unpacked(reader);
        const std::uint64_t triples = explain_triples(unpacked.stream(), unpacked.stream(), unpacked.stream(), info);
        block.plain_bytes = triples * triple_bytes + info.new_bytes;
        return;
    }
    if (!is_lzma(patch)) {
        info.payload = PayloadFormat::endsley;
        return explain(stream, info);
    }
    const ContainerInfo container = read_container(stream, endsley_header_bytes);
    info.payload = PayloadFormat::endsley_lzma;
    info.dictionary_bytes = container.dictionary_bytes;
    info.decoder_ram_bytes = decoder_ram_bytes(PayloadFormat::endsley_lzma, container.dictionary_bytes);
    info.segments = container.segments;
    block.plain_bytes = container.plain_bytes;
    explain(unpack_container(stream, container, endsley_header_bytes), info);
}

PatchInfo inspect(Bytes patch) {
    PatchInfo info;
    info.new_bytes = announced_bytes(patch);
    info.format = full_name(patch);
    const std::uint64_t stream_bytes = patch.size() - endsley_header_bytes;
    PatchBlock block{"triples, differences and extra bytes", stream_bytes, stream_bytes};
    explain_packed(patch, info, block);
    info.blocks = {{"header", endsley_header_bytes, endsley_header_bytes}, block};
    return info;
}

}  // namespace

constinit const Format endsley_format{
    "endsley",      compressions, "ENDSLEY/BSDIFF43: one stream of covers, packed for devices",
    encode_endsley, recognises,   apply,
    inspect,        full_name,    encode_bounded};

}  // namespace sb::diff
