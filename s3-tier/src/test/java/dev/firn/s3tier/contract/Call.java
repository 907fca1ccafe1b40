package dev.firn.s3tier.contract;

import dev.firn.s3tier.store.OutcomeHandler;
import dev.firn.s3tier.store.StoreCall;
import dev.firn.s3tier.store.StoreOutcome;
import java.util.function.Function;

/** One call: hears its answer, and that there is exactly one, on the thread that began it and not before it was begun. */
public final class Call<T extends StoreOutcome> implements OutcomeHandler<T> {
    private final Thread owner = Thread.currentThread();
    private StoreCall handle;
    private T outcome;
    private int answers;
    private boolean begun;
    private String defect;

    private Call() {}

    /** Begins a call that answers to the handler it is given. */
    public static <T extends StoreOutcome> Call<T> begin(final Function<OutcomeHandler<T>, StoreCall> beginning) {
        final Call<T> call = new Call<>();
        call.handle = beginning.apply(call);
        call.begun = true;
        return call;
    }

    @Override
    public void onOutcome(final T answer) {
        answers++;
        if (answers > 1) {
            defect = "was answered again: " + outcome + ", then " + answer;
        } else if (!begun) {
            defect = "was answered inside the method that began it: " + answer;
        } else if (!Thread.currentThread().equals(owner)) {
            defect = "was answered on " + Thread.currentThread() + ", not on its owner's " + owner;
        } else if (answer == null) {
            defect = "was answered null";
        }
        outcome = answer;
    }

    public boolean isAnswered() {
        return answers > 0;
    }

    public StoreCall handle() {
        return handle;
    }

    /** The one answer. */
    public T outcome() {
        if (answers == 0) {
            throw new AssertionError("the call is not answered");
        }
        check();
        return outcome;
    }

    /** Fails when it was answered other than once and rightly. */
    public void check() {
        if (defect != null) {
            throw new AssertionError("a call " + defect);
        }
        if (answers > 0 && !handle.isAnswered()) {
            throw new AssertionError("a call that was answered says that it was not");
        }
    }
}
