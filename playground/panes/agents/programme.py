"""What is played when: recorded episodes, bundled agents, flights on request, the person's own."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject

from playground.environments.headlight_car import HeadlightCarOptions
from playground.panes.agents.films import Film, film_of, return_text, steps_text
from playground.panes.agents.flights import Order
from playground.panes.agents.scene_card import OTHER

if TYPE_CHECKING:
    from playground.engine.frames import Frame
    from playground.environments.headlight_maps import HeadlightMap
    from playground.environments.vector import WorldOptions
    from playground.experiments.agents_policy import Policy
    from playground.experiments.agents_snapshot import (
        AgentSnapshot,
        LibraryEntry,
        Mark,
        ShownEpisode,
    )
    from playground.experiments.bundled_agents import AgentFile
    from playground.panes.agents.pane import AgentsPane

MARKS = ("first", "best", "worst", "median", "latest")
SHOW_SEED = 20_003
"""Start of the first flight of a bundled agent: one on which nothing was chosen."""
SOURCES = {
    "lunar-lander": (("lander-ppo", "bundled PPO"), ("lander-dqn", "bundled DQN")),
    "headlight-car": (("car-dqn", "bundled DQN"),),
}


class Programme(QObject):
    """Decides which film is put in, and where films come from."""

    def __init__(self, pane: AgentsPane) -> None:
        super().__init__(pane)
        self._pane = pane
        self._offered: object = None
        self._number = 0
        self._rival: Film | None = None
        scene = pane.scene
        scene.chosen.connect(self.choose)
        scene.follow_edited.connect(self._on_follow)
        scene.fly_asked.connect(self.fly_now)
        scene.hand_asked.connect(self.take_controls)
        scene.duel_asked.connect(self.begin_duel)
        scene.hand_over_asked.connect(pane.hand.hand_over)
        scene.ghosts_edited.connect(self._on_ghosts)
        scene.canvas.key_changed.connect(pane.hand.set_key)
        pane.hand.grown.connect(self._on_grown)
        pane.hand.over.connect(self._on_over)
        pane.hand.refused.connect(self._on_refused)
        pane.hand.steering_changed.connect(self._on_steering)
        pane.playback.film_changed.connect(self._on_film_changed)
        pane.playback.state_changed.connect(lambda: pane.hand.set_speed(pane.playback.speed))

    def begin_run(self, snapshot: AgentSnapshot) -> None:
        """Make room for the films of another run; of another world, none of the old stay."""
        pane, film = self._pane, self._pane.playback.film
        self._offered = None
        kind = snapshot.spec.world.kind
        pane.skill.set_sources(SOURCES.get(kind, ()))
        pane.skill.show_run()
        if film is not None and _same_world(film.episode.options, snapshot.options):
            return
        pane.hand.stop()
        self._end_duel()
        pane.playback.show(None, keep_follow=True)
        pane.playback.set_follow(True)
        course = snapshot.options.map if isinstance(snapshot.options, HeadlightCarOptions) else None
        if course is not None:
            pane.editor.show_map(course)
        if kind in SOURCES and snapshot.marked("latest") is None:
            self._fly_bundled(last=True, following=True)

    def take(self, frame: Frame, snapshot: AgentSnapshot) -> None:
        """Offer the episode recorded last to the projector."""
        latest = snapshot.marked("latest")
        if latest is None or latest.shown is self._offered:
            return
        self._offered = latest.shown
        if not self._pane.hand.active:
            self._pane.playback.offer(self._film_of(latest, frame.run_id))

    def choose(self, key: str) -> None:
        """Play one of the choices of the scene."""
        if key == OTHER:
            self._on_film_changed()
            return
        if key in ("master", "beginner"):
            self._fly_bundled(last=key == "master")
            return
        snapshot = self._pane.snapshot
        entry = snapshot.marked(cast("Mark", key)) if snapshot is not None else None
        if entry is None:
            self._pane.scene.show_choice(None)
            self._pane.scene.set_note("Nothing recorded yet: press Space and let it learn.")
            return
        self.show_entry(entry.shown.id)
        if key == "latest":
            self._pane.playback.set_follow(True)

    def show_entry(self, number: int) -> None:
        """Play a recorded episode by its id."""
        frame, snapshot = self._pane.channel.last_frame, self._pane.snapshot
        entry = snapshot.entry(number) if snapshot is not None else None
        if entry is not None and frame is not None:
            self.show_film(self._film_of(entry, frame.run_id))

    def show_film(self, film: Film) -> None:
        """Play a film at once."""
        self._pane.hand.stop()
        self._end_duel()
        self._pane.playback.show(film)
        self._pane.playback.play()

    def show_source(self, key: str) -> None:
        """Put the policies of a bundled agent on the skill slider."""
        if key != "run":
            self._pane.desk.bundled(key, lambda found: self._pane.skill.show_file(key, found))

    def fly_now(self) -> None:
        """Fly the present policy from a new start."""
        snapshot = self._pane.snapshot
        if snapshot is not None:
            self._fly_present(snapshot, snapshot.options)

    def fly_on(self, course: HeadlightMap) -> None:
        """Fly the present policy (untrained: a master) on a map drawn by hand."""
        snapshot = self._pane.snapshot
        if snapshot is None or not isinstance(snapshot.options, HeadlightCarOptions):
            return
        options = replace(snapshot.options, map=course)
        if snapshot.updates:
            self._fly_present(snapshot, options)
        else:
            self._fly_bundled(last=True, options=options)

    def take_controls(self) -> None:
        """Begin to steer at the frame on screen, or end it."""
        pane = self._pane
        if pane.hand.active:
            pane.hand.stop()
            return
        self._end_duel()
        film, snapshot = pane.playback.film, pane.snapshot
        speed = pane.playback.speed
        if film is None:
            if snapshot is not None:
                pane.playback.set_follow(False)
                pane.hand.begin(snapshot.options, _fresh_seed(), snapshot.policy, speed=speed)
            return
        frame = pane.playback.frame
        # From the end there is nothing to take over: the same start is flown anew.
        before = film.episode.actions[: 0 if frame >= film.last else frame].tobytes()
        episode = film.episode
        policy = film.policy or (snapshot.policy if snapshot is not None else None)
        pane.playback.set_follow(False)
        pane.hand.begin(episode.options, episode.seed, policy, before, speed)

    def begin_duel(self) -> None:
        """Let the agent and the person fly the same start, or end that."""
        pane, snapshot = self._pane, self._pane.snapshot
        if self._rival is not None:
            self._end_duel()
            pane.hand.stop()
            return
        film = pane.playback.film
        policy = film.policy if film is not None else None
        if policy is None and snapshot is not None:
            policy = snapshot.policy
        options = film.episode.options if film is not None else None
        if options is None and snapshot is not None:
            options = snapshot.options
        if policy is None or options is None:
            pane.scene.duel.setChecked(False)
            return
        self._fly_rival(policy, options)

    def _fly_rival(self, policy: Policy, options: WorldOptions) -> None:
        seed = _fresh_seed()

        def done(flown: list[ShownEpisode]) -> None:
            pane = self._pane
            rival = film_of(flown[0], "The agent", ("rival", seed))
            pane.playback.set_follow(False)
            if pane.hand.begin(options, seed, None, speed=pane.playback.speed):
                self._rival = rival
                pane.scene.set_rival(rival)
                pane.deck.show_view("scene")

        self._pane.desk.fly([Order(policy, options, seed)], done)

    def _end_duel(self) -> None:
        self._rival = None
        self._pane.scene.set_rival(None)

    def _fly_present(self, snapshot: AgentSnapshot, options: WorldOptions) -> None:
        policy = snapshot.policy
        if policy is None:
            return
        order = Order(policy, options, _fresh_seed(), snapshot.spec.show.mode, snapshot.env_steps)
        title = f"After {steps_text(snapshot.env_steps)} steps"
        self._fly(order, title)

    def _fly_bundled(
        self, *, last: bool, following: bool = False, options: WorldOptions | None = None
    ) -> None:
        snapshot = self._pane.snapshot
        sources = SOURCES.get(snapshot.spec.world.kind, ()) if snapshot is not None else ()
        if snapshot is None or not sources:
            self._pane.scene.set_note("There is no trained agent for this world; train one.")
            return
        wanted = options or snapshot.options

        def found(agent: AgentFile) -> None:
            step = agent.master if last else agent.beginner
            world = wanted if _same_world(wanted, agent.options) else agent.options
            order = Order(step.policy, world, SHOW_SEED, "greedy", step.env_step)
            who = "A master" if last else "A beginner"
            title = f"{who}: {agent.label}, {steps_text(step.env_step)} steps"
            self._fly(order, title, following=following, choice="master" if last else "beginner")

        def missing(sentence: str) -> None:
            # Without the files the pane opens on its own first episode.
            if not following:
                self._pane.context.report(sentence, "")

        self._pane.desk.bundled(sources[0][0], found, missing)

    def _fly(self, order: Order, title: str, *, following: bool = False, choice: str = "") -> None:
        self._number += 1
        key = ("flight", choice, self._number)

        def done(flown: list[ShownEpisode]) -> None:
            film = film_of(flown[0], title, key)
            if not following:
                self.show_film(film)
            elif self._pane.playback.film is None:
                self._pane.playback.show(film, keep_follow=True)

        self._pane.desk.fly([order], done)

    def _film_of(self, entry: LibraryEntry, run_id: int) -> Film:
        shown = entry.shown
        title = f"After {steps_text(shown.env_step)} steps"
        if shown.mode == "sampled":
            title += ", as in training"
        return film_of(shown, title, ("shown", run_id, shown.id))

    def _on_follow(self, follow: bool) -> None:
        self._pane.playback.set_follow(follow)
        if follow:
            self.choose("latest")

    def _on_ghosts(self, wanted: bool) -> None:
        self._pane.ghosts.set_notches(self._pane.skill.notches)
        self._pane.ghosts.set_wanted(wanted)

    def _on_grown(self, film: Film) -> None:
        playback = self._pane.playback
        if playback.playing:
            playback.pause()
        playback.update_film(film, frame=film.last)

    def _on_over(self, film: Film) -> None:
        self._pane.playback.update_film(film, frame=film.last)
        words = f"You: {return_text(film.episode.total)}. K plays your film."
        if self._rival is not None:
            theirs = self._rival.episode.total
            mine = film.episode.total
            winner = "you win" if mine > theirs else "the agent wins"
            words = (
                f"You {return_text(mine)}, the agent {return_text(theirs)}: {winner}. "
                "D ends the duel, Y flies again."
            )
        self._pane.scene.set_note(words)

    def _on_refused(self, sentence: str) -> None:
        self._pane.context.report(sentence, "")
        self._on_steering()

    def _on_steering(self) -> None:
        hand = self._pane.hand
        self._pane.scene.set_hand(hand.active, hand.by_person, hand.keys_text)

    def _on_film_changed(self) -> None:
        pane = self._pane
        film, snapshot = pane.playback.film, pane.snapshot
        key = film.key if film is not None else ()
        pane.scene.show_choice(None)
        number: int | None = None
        if isinstance(key, tuple) and key[:1] == ("shown",) and snapshot is not None:
            number = key[2]
            entry = snapshot.entry(key[2])
            marks = entry.marks if entry is not None else ()
            if marks:
                pane.scene.show_choice("latest" if "latest" in marks else marks[0])
        elif isinstance(key, tuple) and key[:1] == ("flight",) and key[1]:
            pane.scene.show_choice(key[1])
        pane.library.set_selected(number)
        if not pane.hand.active and (film is None or not film.by_hand):
            pane.scene.set_note("")


def _same_world(one: WorldOptions, other: WorldOptions) -> bool:
    return one.quantities == other.quantities and one.action_names == other.action_names


def _fresh_seed() -> int:
    # Flights on request are display only: they need not be the same in every run.
    return secrets.randbelow(2**31 - 1)
