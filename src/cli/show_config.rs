//! `stamrol config`.

use std::process::ExitCode;

use comfy_table::{Table, presets};

use crate::config::{Config, SETTINGS, Source};

/// Prints every setting with its value, its source and what it is for. Secrets are hidden.
pub(super) fn run(mut config: Config, sources: &[Source]) -> ExitCode {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["SETTING", "VALUE", "FROM", "WHAT IT IS FOR"]);
    for (setting, source) in SETTINGS.iter().zip(sources) {
        let value = setting.field(&mut config).show();
        table.add_row([setting.key, &value, &source.to_string(), setting.about]);
    }
    println!("{table}");
    ExitCode::SUCCESS
}
