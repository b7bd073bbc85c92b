//! The blocks that nodes stand in.

/// Where a node may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Context {
    /// At the top of the root file.
    Root,
    /// At the top of an included file.
    Included,
    /// In `project`.
    Project,
    /// In `defaults`.
    Defaults,
    /// In `table` of `defaults`.
    DefaultsTable,
    /// In `step` of `defaults`.
    DefaultsStep,
    /// In `environment`.
    Environment,
    /// In `emulator`.
    Emulator,
    /// In `table` of an `environment`.
    EnvironmentTable,
    /// In `table`.
    Table,
    /// In `gsi`.
    Gsi,
    /// In `lsi`.
    Lsi,
    /// In `vector-index`.
    VectorIndex,
    /// In `in` of a `table`.
    In,
    /// In `task`.
    Task,
    /// In `for-each`.
    ForEach,
    /// In `parallel`.
    Parallel,
    /// In `finally`.
    Finally,
    /// In `step`.
    Step,
    /// In `retry`.
    Retry,
    /// In `rollback` of a `step`.
    Rollback,
    /// In `step` of a `rollback`.
    RollbackStep,
    /// In `step-kind`.
    StepKind,
    /// In `param`.
    Param,
}

impl Context {
    /// All of them, from the outside in.
    pub const ALL: [Self; 24] = [
        Self::Root,
        Self::Included,
        Self::Project,
        Self::Defaults,
        Self::DefaultsTable,
        Self::DefaultsStep,
        Self::Environment,
        Self::Emulator,
        Self::EnvironmentTable,
        Self::Table,
        Self::Gsi,
        Self::Lsi,
        Self::VectorIndex,
        Self::In,
        Self::Task,
        Self::ForEach,
        Self::Parallel,
        Self::Finally,
        Self::Step,
        Self::Retry,
        Self::Rollback,
        Self::RollbackStep,
        Self::StepKind,
        Self::Param,
    ];

    /// A phrase that follows "in".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "the root file",
            Self::Included => "an included file",
            Self::Project => "`project`",
            Self::Defaults => "`defaults`",
            Self::DefaultsTable => "`defaults/table`",
            Self::DefaultsStep => "`defaults/step`",
            Self::Environment => "`environment`",
            Self::Emulator => "`emulator`",
            Self::EnvironmentTable => "`environment/table`",
            Self::Table => "`table`",
            Self::Gsi => "`gsi`",
            Self::Lsi => "`lsi`",
            Self::VectorIndex => "`vector-index`",
            Self::In => "`table/in`",
            Self::Task => "`task`",
            Self::ForEach => "`for-each`",
            Self::Parallel => "`parallel`",
            Self::Finally => "`finally`",
            Self::Step => "`step`",
            Self::Retry => "`retry`",
            Self::Rollback => "`rollback`",
            Self::RollbackStep => "`rollback/step`",
            Self::StepKind => "`step-kind`",
            Self::Param => "`param`",
        }
    }
}
