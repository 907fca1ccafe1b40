package dev.firn.s3tier.check;

/** Hears how far a check has come, on the thread that runs it. */
public interface CheckListener {
    CheckListener SILENT = new CheckListener() {
        @Override
        public void began(final CheckKind kind) {}

        @Override
        public void ended(final CheckResult result) {}
    };

    void began(CheckKind kind);

    void ended(CheckResult result);
}
