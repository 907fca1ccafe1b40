package dev.firn.bench.s3;

import dev.firn.bench.transfer.TransferWorker;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;

/** The process that measures the AWS SDK: the only one that has it on its class path. */
public final class SdkWorker {
    private SdkWorker() {}

    public static void main(final String[] arguments) throws IOException {
        TransferWorker.serve(place -> new SdkClient(place, SystemClock.INSTANCE), SystemClock.INSTANCE);
    }
}
