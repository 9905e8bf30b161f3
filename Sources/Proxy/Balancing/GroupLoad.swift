/// How many requests of one worker are under way to all servers of a backend together.
final class GroupLoad {
    var outstanding = 0
}
