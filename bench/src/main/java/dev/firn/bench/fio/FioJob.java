package dev.firn.bench.fio;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of fio with its io_uring engine on a file of ours, with what makes it fast: direct I/O, fixed buffers, registered
 * files, no map of blocks already read, no fixed seed. Latencies are recorded, as ours are.
 *
 * @param readWrite fio's {@code --rw}.
 * @param extra options of the variant.
 */
public record FioJob(
        Path file,
        long fileBytes,
        String readWrite,
        int blockBytes,
        int depth,
        Duration warmup,
        Duration measured,
        List<String> extra) {
    public FioJob {
        extra = List.copyOf(extra);
    }

    List<String> arguments() {
        final List<String> arguments = new ArrayList<>(List.of(
                "--name=firn",
                // fio takes a colon as the end of one of several names.
                "--filename=" + file.toString().replace(":", "\\:"),
                "--ioengine=io_uring",
                "--direct=1",
                "--fixedbufs=1",
                "--registerfiles=1",
                "--numjobs=1",
                "--rw=" + readWrite,
                "--bs=" + blockBytes,
                "--size=" + fileBytes,
                "--iodepth=" + depth,
                "--time_based",
                "--ramp_time=" + warmup.toMillis() + "ms",
                "--runtime=" + measured.toMillis() + "ms",
                "--norandommap",
                "--randrepeat=0",
                // From asking to knowing, as we measure it; fio's default leaves out the time to submit.
                "--lat_percentiles=1",
                "--clat_percentiles=0",
                "--percentile_list=50:99",
                "--eta=never",
                "--output-format=json"));
        arguments.addAll(extra);
        return arguments;
    }

    FioJob withDurations(final Duration newWarmup, final Duration newMeasured) {
        return new FioJob(file, fileBytes, readWrite, blockBytes, depth, newWarmup, newMeasured, extra);
    }

    FioJob withExtra(final List<String> newExtra) {
        return new FioJob(file, fileBytes, readWrite, blockBytes, depth, warmup, measured, newExtra);
    }
}
