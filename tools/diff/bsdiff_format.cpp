// BSDIFF40, the format of Percival's bsdiff: triples, differences and extra bytes apart, each packed with bzip2.
#include <algorithm>
#include <array>
#include <mutex>
#include <optional>

#include "core/delta/bsdiff.hpp"
#include "tools/diff/choose_covers.hpp"
#include "tools/diff/codec_bzip2.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/parallel.hpp"
#include "tools/diff/read_ahead.hpp"
#include "tools/diff/spill_file.hpp"
#include "tools/diff/triple_stream.hpp"
#include "tools/diff/triples.hpp"

namespace sb::diff {
namespace {

constexpr std::array<std::string_view, 1> compressions{"bzip2"};
constexpr std::uint32_t header_bytes = bsdiff_header_bytes;

/// The three parts, written one after another so that one packer's memory is enough.
class Parts {
public:
    Parts(Bytes old, Bytes new_image, const Covers& covers) : old_(old), new_(new_image), covers_(covers) {
        for_each_triple(covers_, new_.size(), [&](const Triple& triple) {
            ++triples_;
            diff_bytes_ += triple.diff.bytes;
        });
    }

    void control(Sink& to) const {
        Bzip2Packer packer(to, triples_ * triple_bytes);
        for_each_triple(covers_, new_.size(), [&](const Triple& triple) { packer.write(written(triple)); });
        packer.finish();
    }
    void diff(Sink& to) const {
        Bzip2Packer packer(to, diff_bytes_);
        for (const Cover& cover : covers_)
            for_each_difference(old_, new_, cover, [&](Bytes differences) { packer.write(differences); });
        packer.finish();
    }
    void extra(Sink& to) const {
        Bzip2Packer packer(to, new_.size() - diff_bytes_);
        for_each_triple(covers_, new_.size(), [&](const Triple& triple) {
            packer.write(new_.subspan(triple.diff.new_end(), triple.extra_bytes()));
        });
        packer.finish();
    }

private:
    Bytes old_, new_;
    const Covers& covers_;
    std::size_t triples_ = 0;
    std::size_t diff_bytes_ = 0;
};

std::vector<std::uint8_t> written(const Parts& parts, std::size_t new_bytes) {
    BufferSink sink;
    sink.made.reserve(new_bytes / 2 + bsdiff_header_bytes);  // takes memory only where it is filled, and is not copied
    sink.made.assign(bsdiff_magic.begin(), bsdiff_magic.end());
    sink.made.resize(bsdiff_header_bytes);
    parts.control(sink);
    const std::size_t control_end = sink.made.size();
    parts.diff(sink);
    const std::size_t diff_end = sink.made.size();
    parts.extra(sink);
    const MutableBytes header = sink.made;
    store_le(header, 8, std::uint64_t{control_end - bsdiff_header_bytes});
    store_le(header, 16, std::uint64_t{diff_end - control_end});
    store_le(header, 24, std::uint64_t{new_bytes});
    return std::move(sink.made);
}

/// The smallest patch of those that were tried, so that it is not packed again. May be called by several threads.
class Tries {
public:
    Tries(Bytes old, Bytes new_image) : old_(old), new_(new_image) {}

    /// Says how large a patch of these covers is.
    std::size_t make(const Covers& covers) {
        std::vector<std::uint8_t> bytes = written(Parts(old_, new_, covers), new_.size());
        const std::size_t count = bytes.size();
        const std::lock_guard lock(mutex_);
        if (smallest_.empty() || count < smallest_.size()) {
            smallest_ = std::move(bytes);
            covers_ = covers;
        }
        return count;
    }
    /// The patch of these covers.
    std::vector<std::uint8_t> take(const Covers& covers) {
        if (!smallest_.empty() && covers == covers_) return std::move(smallest_);
        return written(Parts(old_, new_, covers), new_.size());
    }

private:
    Bytes old_, new_;
    std::mutex mutex_;  // for what follows
    std::vector<std::uint8_t> smallest_;
    Covers covers_;
};

Patch encode(Bytes old, Bytes new_image, const DiffOptions& options) {
    Tries tries(old, new_image);
    CoverRequest request;
    request.packed_bytes = [&](const Covers& covers) { return tries.make(covers); };
    request.min_bytes = options.min_cover_bytes;
    request.threads = options.threads;
    request.progress = [&](double fraction) { report(options, 0.8 * fraction); };
    const Covers covers = choose_covers(old, new_image, request);
    Patch patch;
    patch.format = "bsdiff";
    patch.bytes = tries.take(covers);
    return patch;
}

/// Differences and extra bytes are packed as they come; triples wait, so that two packers at a time are enough.
class SpilledParts final : public TripleSink {
public:
    SpilledParts() { packers_.emplace(diff_, extra_); }

    void diff(Bytes differences) override { packers_->diff.write(differences); }
    void extra(Bytes bytes) override { packers_->extra.write(bytes); }
    void triple(const std::array<std::uint8_t, triple_bytes>& written) override { triples_.write(written); }

    void finish(std::uint32_t new_bytes, Sink& out) {
        packers_->diff.finish();
        packers_->extra.finish();
        packers_.reset();
        SpillFile control;
        Bzip2Packer packer(control, triples_.bytes());
        triples_.copy_to(packer);
        packer.finish();
        std::array<std::uint8_t, header_bytes> header{};
        copy(header, bsdiff_magic);
        store_le(MutableBytes(header), 8, std::uint64_t{control.bytes()});
        store_le(MutableBytes(header), 16, std::uint64_t{diff_.bytes()});
        store_le(MutableBytes(header), 24, std::uint64_t{new_bytes});
        out.write(header);
        for (SpillFile* part : {&control, &diff_, &extra_}) part->copy_to(out);
    }

private:
    struct Packers {
        Packers(Sink& to_diff, Sink& to_extra) : diff(to_diff), extra(to_extra) {}
        Bzip2Packer diff, extra;
    };
    SpillFile triples_, diff_, extra_;
    std::optional<Packers> packers_;
};

PatchSummary encode_bounded(Reader& old, Reader& new_image, Sink& out, const DiffOptions& options) {
    SpilledParts parts;
    TripleStream stream(parts, ~std::uint64_t{0});
    cover_blocks(old, new_image, block_request(options), [&](const CoveredBlock& block) { stream.write(block); });
    stream.finish();
    parts.finish(new_image.bytes(), out);
    PatchSummary summary;
    summary.format = "bsdiff";
    return summary;
}

[[gnu::hot]] bool recognises(Bytes head) {
    return begins_with(head, bsdiff_magic);
}

/// A patch opened for reading: its three parts, unpacked.
class Opened {
public:
    explicit Opened(Reader& patch) : Opened(patch, checked(patch)) {}

    [[nodiscard]] BsdiffDecoder::Parts parts() { return {control_, diff_, extra_}; }
    [[nodiscard]] const BsdiffHeader& header() const { return header_; }
    [[nodiscard]] std::uint32_t extra_bytes() const { return extra_bytes_; }

private:
    /// Throws PatchError when the parts do not lie in the patch.
    static BsdiffHeader checked(Reader& patch) {
        const auto bytes = read_head(patch, header_bytes);
        if (bytes.size() < bsdiff_header_bytes) refuse(Error::truncated, bytes.size());
        const auto header = parse_bsdiff_header(bytes);
        if (!header) refuse(header.error(), bsdiff_magic.size());
        const std::uint32_t body = patch.bytes() - header_bytes;
        if (header->control_bytes > body || header->diff_bytes > body - header->control_bytes)
            refuse(Error::truncated, patch.bytes());
        return *header;
    }

    Opened(Reader& patch, const BsdiffHeader& header)
        : header_(header),
          extra_bytes_(patch.bytes() - header_bytes - header.control_bytes - header.diff_bytes),
          packed_control_(patch, header_bytes, header.control_bytes),
          packed_diff_(patch, header_bytes + header.control_bytes, header.diff_bytes),
          packed_extra_(patch, patch.bytes() - extra_bytes_, extra_bytes_),
          control_(packed_control_),
          diff_(packed_diff_),
          extra_(packed_extra_) {}

    BsdiffHeader header_;
    std::uint32_t extra_bytes_;
    RangeStream packed_control_, packed_diff_, packed_extra_;
    Bzip2Unpacker control_, diff_, extra_;
};

void apply(Reader& old, Reader& patch, Sink& out) {
    constexpr std::uint32_t long_bytes = 1U << 14;  // packed: from here on a second thread pays
    LockedReader shared(patch);
    Opened opened(shared);
    std::vector<std::uint8_t> work(1U << 14);
    auto parts = opened.parts();
    std::optional<ReadAhead> diff, extra;
    const auto pays = [](std::uint32_t packed_bytes) { return packed_bytes >= long_bytes && thread_count(0) > 1; };
    if (pays(opened.header().diff_bytes)) diff.emplace(parts.diff);
    if (pays(opened.extra_bytes())) extra.emplace(parts.extra);
    const auto best = [](std::optional<ReadAhead>& ahead, ByteStream& plain) -> ByteStream& {
        return ahead ? static_cast<ByteStream&>(*ahead) : plain;
    };
    BsdiffDecoder decoder(opened.header().new_bytes, old,
                          {parts.control, best(diff, parts.diff), best(extra, parts.extra)}, work);
    run_decoder(decoder, out);
}

PatchInfo inspect(Bytes patch) {
    MemoryReader reader{patch};
    Opened opened(reader);
    PatchInfo info;
    info.format = "bsdiff";
    info.new_bytes = opened.header().new_bytes;
    const auto [control, diff, extra] = opened.parts();
    const std::uint64_t triples = explain_triples(control, diff, extra, info);
    info.blocks = {{"header", bsdiff_header_bytes, bsdiff_header_bytes},
                   {"triples", opened.header().control_bytes, triples * triple_bytes},
                   {"differences", opened.header().diff_bytes, info.covered_bytes()},
                   {"extra bytes", opened.extra_bytes(), info.extra_bytes}};
    return info;
}

}  // namespace

constinit const Format bsdiff_format{
    "bsdiff", compressions, "BSDIFF40: covers, differences and extra bytes apart; for bspatch and hosts",
    encode,   recognises,   apply,
    inspect,  nullptr,      encode_bounded};

}  // namespace sb::diff
