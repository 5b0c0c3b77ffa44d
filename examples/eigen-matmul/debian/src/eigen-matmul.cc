// Multiply two SIZE x SIZE matrices ROUNDS times; print the median seconds of a round, and GFLOP/s.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <Eigen/Dense>

static long positive(const char *text)
{
    char *end = nullptr;
    const long value = std::strtol(text, &end, 10);
    if (*end != '\0' || value < 1 || value > 20000) {
        std::fprintf(stderr, "eigen-matmul: %s: a number from 1 to 20000 is expected\n", text);
        std::exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    const long size = argc > 1 ? positive(argv[1]) : 1024;
    const long rounds = argc > 2 ? positive(argv[2]) : 5;
    const Eigen::MatrixXf left = Eigen::MatrixXf::Random(size, size);
    const Eigen::MatrixXf right = Eigen::MatrixXf::Random(size, size);
    Eigen::MatrixXf product(size, size);

    std::vector<double> seconds;
    for (long round = 0; round < rounds; ++round) {
        const auto start = std::chrono::steady_clock::now();
        product.noalias() = left * right;
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    std::nth_element(seconds.begin(), seconds.begin() + rounds / 2, seconds.end());
    const double median = seconds[rounds / 2];
    // The sum is printed so that no compiler can leave the product out.
    std::printf("%.6f s  %.2f GFLOP/s  (sum %.3f)\n", median, 2.0 * size * size * size / median / 1e9, product.sum());
    return 0;
}
