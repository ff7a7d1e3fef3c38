// core/boot: an image that runs from RAM (scheme ram_load). It is copied there whole and verified there, since that is
// what will run.
#pragma once

#include "core/base/reader.hpp"

namespace sb {

class LoadedImage : public Reader {
public:
    /// Takes the place of what was there with the image that `slot` shows: as much as its header and TLVs say, nothing
    /// where that does not fit or cannot be read.
    virtual void load(Reader& slot) = 0;

protected:
    ~LoadedImage() = default;
};

/// In memory that the processor runs programs from.
class RamImage final : public LoadedImage {
public:
    /// `ram`: as many bytes as the map's ram_bytes, at the address where images run.
    explicit RamImage(MutableBytes ram) : ram_(ram) {}

    void load(Reader& slot) override;
    [[nodiscard]] std::uint32_t bytes() const override { return bytes_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;

private:
    MutableBytes ram_;
    std::uint32_t bytes_ = 0;
};

}  // namespace sb
