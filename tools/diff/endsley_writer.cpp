#include "tools/diff/endsley_writer.hpp"

#include "core/delta/endsley_stream.hpp"
#include "tools/diff/triples.hpp"

namespace sb::diff {
namespace {

/// Keeps the stream and where it may be cut.
class CuttingSink final : public Sink {
public:
    explicit CuttingSink(std::size_t segment_bytes) : segment_bytes_(segment_bytes) {}

    void write(Bytes bytes) override { text_.bytes.insert(text_.bytes.end(), bytes.begin(), bytes.end()); }
    /// As write(), for bytes that each make a byte of the image.
    void write_image(Bytes bytes) {
        while (segment_bytes_ != 0 && bytes.size() >= segment_bytes_ - made_) {
            const Bytes rest = bytes.subspan(segment_bytes_ - made_);
            write(bytes.first(segment_bytes_ - made_));
            text_.cuts.push_back(text_.bytes.size());
            made_ = 0;
            bytes = rest;
        }
        write(bytes);
        made_ += bytes.size();
    }
    EndsleyText finish() {
        if (text_.cuts.empty() || text_.cuts.back() != text_.bytes.size()) text_.cuts.push_back(text_.bytes.size());
        if (text_.bytes.empty()) text_.cuts.clear();
        return std::move(text_);
    }

private:
    std::size_t segment_bytes_;
    std::size_t made_ = 0;  // of the present segment
    EndsleyText text_;
};

template <class WriteTriple, class WriteImage>
void write_all(Bytes old, Bytes new_image, const Covers& covers, WriteTriple write_triple, WriteImage write_image) {
    for_each_triple(covers, new_image.size(), [&](const Triple& triple) {
        write_triple(written(triple));
        for_each_difference(old, new_image, triple.diff, write_image);
        write_image(new_image.subspan(triple.diff.new_end(), triple.extra_bytes()));
    });
}

}  // namespace

std::vector<std::uint8_t> endsley_header(std::size_t new_bytes) {
    std::vector<std::uint8_t> header(endsley_magic.begin(), endsley_magic.end());
    header.resize(endsley_header_bytes);
    store_le(MutableBytes(header), endsley_magic.size(), std::uint64_t{new_bytes});
    return header;
}

void write_endsley(Bytes old, Bytes new_image, const Covers& covers, Sink& to) {
    const auto write = [&](Bytes bytes) { to.write(bytes); };
    write_all(old, new_image, covers, write, write);
}

EndsleyText write_endsley(Bytes old, Bytes new_image, const Covers& covers, std::size_t segment_bytes) {
    CuttingSink sink(segment_bytes);
    write_all(
        old, new_image, covers, [&](Bytes triple) { sink.write(triple); },
        [&](Bytes bytes) { sink.write_image(bytes); });
    return sink.finish();
}

}  // namespace sb::diff
