import threading

from playground.engine.mailbox import EventLog, Mailbox


def test_the_latest_content_replaces_the_one_before():
    box = Mailbox()
    assert box.wanted
    box.put(1)
    box.put(2)
    assert not box.wanted
    assert box.take() == 2
    assert box.wanted
    assert box.take() is None


def test_no_event_of_any_thread_is_lost_and_each_thread_keeps_its_order():
    log, got, done = EventLog(), [], threading.Event()

    def write(writer):
        for number in range(5000):
            log.post((writer, number))

    def read():
        while not done.is_set():
            got.extend(log.drain())
        got.extend(log.drain())

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()

    for writer in range(3):
        assert [number for who, number in got if who == writer] == list(range(5000))
