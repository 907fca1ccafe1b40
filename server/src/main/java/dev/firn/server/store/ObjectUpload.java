package dev.firn.server.store;

import dev.firn.s3tier.store.DeleteOutcome;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.MultipartUpload;
import dev.firn.s3tier.store.PartOutcome;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.server.CommandException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Carries a file or standard input into an object, whole or in parts side by side. For one thread and one object. */
public final class ObjectUpload {
    private final StoreConnection connection;
    private final TransferProgress progress;
    private long readBytes;
    private long sentBytes;
    private int parts;
    private CommandException failure;

    public ObjectUpload(final StoreConnection connection, final TransferProgress progress) {
        this.connection = connection;
        this.progress = progress;
    }

    /**
     * What was carried.
     *
     * @param parts 0 when it went in one piece.
     */
    public record Result(long bytes, int parts, PutOutcome.Stored stored, double seconds) {}

    public Result fromStandardInput(final String key, final WriteCondition condition) {
        try (InputReader input = InputReader.ofStandardInput(connection.limits().minPartBytes())) {
            return run(key, condition, input);
        }
    }

    public Result fromFile(final String key, final WriteCondition condition, final Path file) {
        try (InputReader input = InputReader.ofFile(file, connection.limits().minPartBytes())) {
            return run(key, condition, input);
        }
    }

    private Result run(final String key, final WriteCondition condition, final InputReader input) {
        final InputReader.Portion first = next(input);
        final PutOutcome outcome;
        if (first.last() && first.bytes().byteSize() <= connection.limits().maxPutBytes()) {
            outcome = inOnePiece(key, condition, input, first);
        } else {
            outcome = inParts(key, condition, input, first);
        }
        return new Result(readBytes, parts, stored(key, outcome), progress.seconds());
    }

    private PutOutcome.Stored stored(final String key, final PutOutcome outcome) {
        final String address = connection.addressOf(key);
        return switch (outcome) {
            case PutOutcome.Stored stored -> stored;
            case PutOutcome.PreconditionFailed refused ->
                throw new CommandException("nothing was written to " + address + ": " + refused.reason());
            case PutOutcome.Unknown unknown ->
                throw new CommandException("nobody can say whether " + address + " was written: "
                        + unknown.cause().message() + "; look with ./firn store ls, and try again");
            case Failed failed -> throw StoreSentences.failure("cannot write " + address, failed);
        };
    }

    /** Waits for the next portion. */
    private InputReader.Portion next(final InputReader input) {
        while (true) {
            final InputReader.Portion portion = input.poll();
            if (portion != null) {
                return checked(input, portion);
            }
            connection.requireGoingOn();
            connection.turn(0);
            if (failure != null) {
                throw failure;
            }
        }
    }

    private InputReader.Portion checked(final InputReader input, final InputReader.Portion portion) {
        if (portion.failure() != null) {
            throw new CommandException(
                    "cannot read " + input.name() + ": " + portion.failure().getMessage(), portion.failure());
        }
        readBytes += portion.bytes().byteSize();
        if (portion.last() && input.lengthBytes() >= 0 && readBytes != input.lengthBytes()) {
            input.giveBack(portion);
            throw new CommandException(input.name() + " has changed from " + input.lengthBytes() + " to " + readBytes
                    + " bytes while it was read; nothing was written");
        }
        return portion;
    }

    private PutOutcome inOnePiece(
            final String key,
            final WriteCondition condition,
            final InputReader input,
            final InputReader.Portion portion) {
        final List<PutOutcome> answer = new ArrayList<>(1);
        final StoreCall call = connection
                .session()
                .put(
                        key,
                        portion.bytes().byteSize() == 0 ? List.of() : List.of(portion.bytes()),
                        condition,
                        StoreConnection.OPTIONS,
                        answer::add);
        try {
            while (answer.isEmpty()) {
                connection.requireGoingOn();
                connection.turn(0);
            }
        } finally {
            call.cancel();
            connection.drain();
            input.giveBack(portion);
        }
        return answer.getFirst();
    }

    private PutOutcome inParts(
            final String key,
            final WriteCondition condition,
            final InputReader input,
            final InputReader.Portion first) {
        final MultipartUpload upload = connection.session().openUpload(key, condition);
        boolean done = false;
        try {
            InputReader.Portion portion = first;
            while (true) {
                send(key, upload, input, portion);
                if (portion.last()) {
                    break;
                }
                portion = next(input);
            }
            while (connection.session().inFlight() > 0) {
                connection.requireGoingOn();
                connection.turn(0);
            }
            if (failure != null) {
                throw failure;
            }
            final PutOutcome outcome =
                    connection.<PutOutcome>ask(handler -> upload.complete(StoreConnection.OPTIONS, handler));
            done = outcome instanceof PutOutcome.Stored;
            return outcome;
        } finally {
            if (!done) {
                abort(upload);
            }
        }
    }

    private void send(
            final String key,
            final MultipartUpload upload,
            final InputReader input,
            final InputReader.Portion portion) {
        final long bytes = portion.bytes().byteSize();
        if (bytes == 0) {
            input.giveBack(portion);
            return;
        }
        if (parts == InputReader.MAX_PARTS) {
            input.giveBack(portion);
            throw new CommandException(input.name() + " is longer than " + InputReader.MAX_PARTS
                    + " parts can hold (about 500 GiB of an unknown length); put it from a file");
        }
        parts++;
        upload.part(portion.bytes(), StoreConnection.OPTIONS, outcome -> {
            input.giveBack(portion);
            switch (outcome) {
                case PartOutcome.PartStored _ -> {
                    sentBytes += bytes;
                    progress.moved(sentBytes, input.lengthBytes());
                }
                case Failed failed ->
                    failure = failure == null
                            ? StoreSentences.failure("cannot write " + connection.addressOf(key), failed)
                            : failure;
            }
        });
    }

    /** What is left behind when this fails, a sweep finds later. */
    private void abort(final MultipartUpload upload) {
        connection.<DeleteOutcome>askToTheEnd(handler -> upload.abort(StoreConnection.ABORT_OPTIONS, handler));
        connection.drain();
    }
}
