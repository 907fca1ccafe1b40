package dev.firn.s3tier.contract;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every kind of store keeps: the tests of the interfaces, each with a store, a session and a corner of the key space of
 * its own.
 *
 * <p>A subclass says how its store is opened, and what may be asked of it. Several stores may be opened on one place at a time.
 */
public abstract class ObjectStoreContract
        implements ObjectContract,
                ConditionContract,
                RaceContract,
                RangeContract,
                UploadContract,
                KeyContract,
                ListContract,
                CallContract {
    private StoreFixture fixture;

    /** Opens the store under test with these limits; what it opens is closed with it. */
    protected abstract ObjectStore open(StoreLimits limits);

    /** How time passes for it. */
    protected StoreDriver driver() {
        return new RealDriver();
    }

    protected StoreCapabilities capabilities() {
        return StoreCapabilities.FULL;
    }

    /** What the keys of a test begin with: new at each call, unless the store under test is new too. */
    protected String prefix() {
        return "contract/" + Long.toHexString(SystemRandom.create().nextLong()) + '/';
    }

    @BeforeEach
    final void openFixture() {
        fixture = open("", StoreLimits.DEFAULT);
    }

    @AfterEach
    final void closeFixture() {
        if (fixture != null) {
            fixture.close();
        }
    }

    @Override
    public final StoreFixture store() {
        return fixture;
    }

    @Override
    public final StoreFixture open(final String corner, final StoreLimits limits) {
        final LeakCheck leaks = LeakCheck.start();
        return new StoreFixture(leaks, open(limits), driver(), capabilities(), prefix() + corner);
    }
}
