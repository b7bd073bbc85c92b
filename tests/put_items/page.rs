//! The page about `put-items` is held to the program.

use std::fs;
use std::path::Path;

use crate::harness::Project;

#[test]
fn what_the_page_shows_can_be_used() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/put-items.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks: Vec<&str> =
        page.split("```kdl\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 2);
    for (position, block) in blocks.into_iter().enumerate() {
        let tasks = format!("{block}\n").replace("task seed", &format!("task seed{position}"));
        let outcome = Project::new().file("tasks/page.kdl", tasks).osem("check").output();
        assert_eq!(outcome.code(), Some(0), "{block}\n{outcome}");
    }
}
