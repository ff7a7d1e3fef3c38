// How small patches between real firmware come out, beside those of the tools that are known for each format: where
// the shared folder is there.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include "tests/support/shared_files.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {
namespace {

using test_support::read_file;

struct Reference {
    const char* format;
    const char* compress;
    std::vector<std::string> settings;  ///< of the reference tool; the smaller patch of them counts
    double at_most;                     ///< our bytes by its bytes, the geometric mean
    double each_at_most;                ///< the same, of each pair
    std::uintmax_t largest_bytes;       ///< of images that do not take too long here
};

std::vector<std::vector<std::string>> table(const std::filesystem::path& file) {
    std::vector<std::vector<std::string>> rows;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        std::istringstream cells(line);
        std::vector<std::string> row;
        for (std::string cell; std::getline(cells, cell, '\t');) row.push_back(cell);
        rows.push_back(row);
    }
    return rows;
}

class FirmwarePatch : public ::testing::TestWithParam<Reference> {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(corpus)) GTEST_SKIP() << "no corpus at " << corpus;
        results = table(corpus / "results.tsv");
    }
    /// Bytes of the smallest patch that the reference made of `pair`; 0 if there is none.
    [[nodiscard]] std::size_t reference_bytes(const std::string& pair) const {
        std::size_t smallest = 0;
        for (const auto& row : results) {
            if (row.size() <= 6 || row[0] != pair || std::ranges::count(GetParam().settings, row[4]) == 0) continue;
            const std::size_t bytes = std::stoul(row[6]);
            smallest = smallest == 0 ? bytes : std::min(smallest, bytes);
        }
        return smallest;
    }
    std::filesystem::path corpus = test_support::shared_folder() / "corpus";
    std::vector<std::vector<std::string>> results;
};

TEST_P(FirmwarePatch, IsNotLargerThanThatOfTheReferenceInTheMean) {
    DiffOptions options;
    options.format = GetParam().format;
    options.compress = GetParam().compress;
    double sum = 0;
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
        const std::string name = entry.path().filename().string();
        const std::size_t reference = reference_bytes(name);
        if (reference == 0 || std::filesystem::file_size(entry.path() / "new.bin") > GetParam().largest_bytes) continue;
        const auto old_image = read_file(entry.path() / "old.bin"), new_image = read_file(entry.path() / "new.bin");
        const Patch patch = make_patch(old_image, new_image, options);
        EXPECT_EQ(apply_patch(old_image, patch.bytes), new_image) << name;
        const double ratio = static_cast<double>(patch.bytes.size()) / static_cast<double>(reference);
        EXPECT_LE(ratio, GetParam().each_at_most) << name;
        sum += std::log(ratio);
        ++count;
    }
    ASSERT_GT(count, 5);
    EXPECT_LE(std::exp(sum / count), GetParam().at_most) << "over " << count << " pairs";
}

INSTANTIATE_TEST_SUITE_P(
    Formats, FirmwarePatch,
    ::testing::Values(Reference{"bsdiff", "bzip2", {"bsdiff40 bz2 (Debian)"}, 0.97, 1.0, 400000},
                      Reference{"endsley", "lzma", {"dict16KiB lc0 lp0 pb0"}, 0.97, 1.002, 100000},
                      Reference{"vcdiff", "lzma", {"-9 -S lzma"}, 0.74, 0.98, 160000},
                      Reference{"hdiff", "lzma2", {"-m-1 -c-lzma2-9", "-SD -m-1 -c-lzma2-9"}, 0.96, 1.004, 160000},
                      Reference{"hpatchlite", "tuz", {"-m-1 -c-tuz-16k"}, 0.97, 1.0, 55000}),
    [](const auto& param_info) { return std::string(param_info.param.format); });

}  // namespace
}  // namespace sb::diff
