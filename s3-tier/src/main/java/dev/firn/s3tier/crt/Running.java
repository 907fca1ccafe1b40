package dev.firn.s3tier.crt;

/** Work that has been given to the CRT: started once, and asked to end soon from any thread. */
interface Running {
    void start();

    void cancel();
}
